#include "http/input.hpp"

namespace http::detail {

core::Result<void> QueryReader::finish() {
    for (const auto& [name, value] : pairs_)
        refuse(name, "unknown_parameter", "is not a parameter of this endpoint");
    if (errors_.empty()) return {};
    std::string detail = errors_.front().field + " " + errors_.front().message + ".";
    return std::unexpected(
        core::Error{core::ErrorCode::invalid_parameter, std::move(detail), std::move(errors_), {}});
}

void QueryReader::refuse(std::string_view name, std::string code, std::string message) {
    if (errors_.size() == core::field_errors_max) return;
    errors_.push_back({std::string(name.substr(0, 100)), std::move(code), std::move(message)});
}

core::Result<void> check_json_body(const Request& request) {
    if (request.body.empty()) return {};
    std::string_view type = request.header("content-type");
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' '))
        type.remove_suffix(1);
    bool is_json = std::ranges::equal(type, std::string_view("application/json"), {}, [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (is_json) return {};
    return core::fail(core::ErrorCode::unsupported_media_type,
                      "Send JSON with Content-Type: application/json.");
}

}  // namespace http::detail
