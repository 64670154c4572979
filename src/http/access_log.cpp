#include "http/access_log.hpp"

#include "core/json_write.hpp"

#include <unistd.h>

namespace http {
namespace {

constexpr std::size_t flush_bytes = 32 * 1024;
constexpr std::size_t unmatched_path_max = 100;

void add_json_member(std::string& out, std::string_view name, std::string_view value) {
    out.append(",\"").append(name).append("\":");
    core::write_json_string(out, value);
}

}  // namespace

void AccessLog::add(const Call& call, unsigned status, std::size_t bytes, std::chrono::nanoseconds took) {
    const Request& request = call.request;
    std::string_view route = call.match.operation ? std::string_view(call.match.operation->path)
                                                  : request.path.substr(0, unmatched_path_max);
    if (slow_.count() > 0 && took >= slow_) tell_slow(call, route, status, took);
    auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    if (format_ == core::LogFormat::json) {
        lines_ += "{\"time\":\"";
        core::append_rfc3339(lines_, request.arrived);
        lines_ += "\",\"level\":\"info\"";
        add_json_member(lines_, "method", request.method_name);
        add_json_member(lines_, "route", route);
        lines_ += ",\"status\":";
        core::write_json_integer(lines_, status);
        lines_ += ",\"bytes\":";
        core::write_json_integer(lines_, static_cast<std::int64_t>(bytes));
        lines_ += ",\"us\":";
        core::write_json_integer(lines_, us);
        add_json_member(lines_, "ip", request.ip);
        add_json_member(lines_, "request_id", request.request_id);
        if (call.caller.user) add_json_member(lines_, "user", call.caller.user->text());
        lines_ += "}\n";
    } else {
        core::append_rfc3339(lines_, request.arrived);
        lines_.append(" ").append(request.ip).append(" ").append(request.method_name).append(" ");
        call.match.operation ? void(lines_ += route) : core::write_json_string(lines_, route);
        lines_ += ' ';
        core::write_json_integer(lines_, status);
        lines_ += ' ';
        core::write_json_integer(lines_, static_cast<std::int64_t>(bytes));
        lines_ += "B ";
        core::write_json_integer(lines_, us);
        lines_.append("us ").append(request.request_id);
        if (call.caller.user) lines_.append(" ").append(call.caller.user->text());
        lines_ += '\n';
    }
    if (lines_.size() >= flush_bytes) flush();
}

void AccessLog::tell_slow(const Call& call, std::string_view route, unsigned status,
                          std::chrono::nanoseconds took) const {
    const Request& request = call.request;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    spdlog::warn("slow: {} {} answered {} after {} ms and {} statements request_id={}", request.method_name,
                 core::quoted(route), status, ms, call.statements, request.request_id);
}

void AccessLog::flush() {
    std::string_view rest = lines_;
    while (!rest.empty()) {
        ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (written <= 0) break;  // nobody listens: losing a log line is better than stopping the shop
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    lines_.clear();
}

}  // namespace http
