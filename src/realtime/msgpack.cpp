#include "realtime/msgpack.hpp"

#include "core/time.hpp"
#include "realtime/utf8.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace realtime {
namespace {

namespace json = boost::json;
using nlohmann::ordered_json;

constexpr std::size_t depth_max = 64;  // as in packet.cpp; the reader recurses as deep as the value goes

// Extensions that notepack.io knows.
constexpr std::uint64_t array_buffer = 0;
constexpr std::uint64_t timestamp = 0xFF;  // -1 in the specification

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
    std::uint64_t number = 0;
    for (std::uint8_t byte : bytes)
        number = number << 8 | byte;
    return number;
}

// The specification's three forms, as text with milliseconds.
std::optional<std::string> time_text(std::span<const std::uint8_t> bytes) {
    constexpr int seconds_bits = 34;
    std::int64_t seconds = 0;
    std::uint64_t nanoseconds = 0;
    if (bytes.size() == 4) {
        seconds = static_cast<std::int64_t>(big_endian(bytes));
    } else if (bytes.size() == 8) {
        const std::uint64_t both = big_endian(bytes);
        seconds = static_cast<std::int64_t>(both & ((std::uint64_t{1} << seconds_bits) - 1));
        nanoseconds = both >> seconds_bits;
    } else if (bytes.size() == 12) {
        nanoseconds = big_endian(bytes.first(4));
        seconds = static_cast<std::int64_t>(big_endian(bytes.subspan(4)));
    } else {
        return {};
    }
    constexpr std::int64_t year_9999 = 253'402'300'799;
    if (seconds < 0 || seconds > year_9999 || nanoseconds > 999'999'999) return {};
    return core::to_rfc3339({seconds * 1000 + static_cast<std::int64_t>(nanoseconds / 1'000'000)});
}

// Puts together what the reader finds. Each member says whether to go on.
class Builder : public nlohmann::json_sax<ordered_json> {
public:
    explicit Builder(std::size_t attachments_max) : attachments_max_(attachments_max) {}

    Unpacked take() { return {std::move(root_), std::move(attachments_)}; }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    // JSON has no infinity; JSON.stringify makes null of it.
    bool number_float(number_float_t value, const string_t&) override {
        return std::isfinite(value) ? put(value) : put(nullptr);
    }
    bool string(string_t& text) override { return Utf8Check::is_valid(text) && put(json::string(text)); }
    bool binary(binary_t& bytes) override {
        if (bytes.has_subtype() && bytes.subtype() == timestamp) {
            auto time = time_text(bytes);
            return time && put(json::string(*time));
        }
        if (bytes.has_subtype() && bytes.subtype() != array_buffer) return false;
        if (attachments_.size() == attachments_max_) return false;
        json::object placeholder{{"_placeholder", true}, {"num", attachments_.size()}};
        attachments_.push_back(std::make_shared<const std::string>(bytes.begin(), bytes.end()));
        return put(std::move(placeholder));
    }
    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    // A placeholder that nobody but us may write: clients would look for its bytes.
    bool key(string_t& name) override {
        open_.back().key = name;
        return Utf8Check::is_valid(name) && name != "_placeholder";
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

private:
    struct Open {
        json::value value;
        std::string key;
    };

    bool open(json::value empty) {
        if (open_.size() == depth_max) return false;
        open_.push_back({std::move(empty), {}});
        return true;
    }
    bool close() {
        json::value done = std::move(open_.back().value);
        open_.pop_back();
        return put(std::move(done));
    }
    bool put(json::value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto* array = open_.back().value.if_array()) {
            array->push_back(std::move(value));
        } else {
            open_.back().value.get_object()[open_.back().key] = std::move(value);
        }
        return true;
    }

    std::size_t attachments_max_;
    json::value root_;
    Attachments attachments_;
    std::vector<Open> open_;
};

void fill_in(ordered_json& value, const Attachments& attachments) {
    if (value.is_object() && value.contains("_placeholder")) {
        const std::string& bytes = *attachments.at(value.at("num").get<std::size_t>());
        value = ordered_json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
        return;
    }
    if (!value.is_structured()) return;
    for (auto& item : value)
        fill_in(item, attachments);
}

}  // namespace

std::optional<Unpacked> from_msgpack(std::string_view bytes, std::size_t attachments_max) {
    Builder builder(attachments_max);
    if (!ordered_json::sax_parse(bytes, &builder, ordered_json::input_format_t::msgpack)) return {};
    return builder.take();
}

std::string to_msgpack(std::string_view text, const Attachments& attachments) {
    auto value = ordered_json::parse(text);
    if (!attachments.empty()) fill_in(value, attachments);
    std::string packed;
    ordered_json::to_msgpack(value, packed);
    return packed;
}

}  // namespace realtime
