#include "core/log.hpp"

#include "core/json_write.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace core {
namespace {

constexpr std::size_t quoted_bytes_max = 500;

// %v as a JSON string, so that every line of the JSON log is one valid document.
class JsonMessage : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        std::string text;
        write_json_string(text, {message.payload.data(), message.payload.size()});
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonMessage>(); }
};

}  // namespace

void start_log(LogFormat format, spdlog::level::level_enum level) {
    auto logger =
        std::make_shared<spdlog::logger>("kontor", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto lines = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    if (format == LogFormat::json) {
        lines->add_flag<JsonMessage>('*').set_pattern(
            R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
    } else {
        lines->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v");
    }
    logger->set_formatter(std::move(lines));
    logger->set_level(level);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

std::string quoted(std::string_view text) {
    std::string out;
    write_json_string(out, text.substr(0, quoted_bytes_max));
    return out;
}

}  // namespace core
