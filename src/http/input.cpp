#include "http/input.hpp"

namespace http::detail {

std::optional<QueryReader::Pairs::value_type> QueryReader::take(std::string_view name) {
    auto pair = std::ranges::find(pairs_, name, &Pairs::value_type::first);
    if (pair == pairs_.end()) return {};
    Pairs::value_type given = std::move(*pair);
    pairs_.erase(pair);
    auto is_same = [&](const auto& other) { return other.first == given.first; };
    if (std::erase_if(pairs_, is_same) > 0) refuse(given.first, "repeated_parameter", "is given twice");
    return given;
}

std::optional<QueryReader::Pairs::value_type> QueryReader::take_entry(std::string_view name) {
    auto is_entry = [&](const auto& pair) {
        const std::string& key = pair.first;
        return key.size() > name.size() + 2 && key.starts_with(name) && key[name.size()] == '[' &&
               key.ends_with(']');
    };
    auto pair = std::ranges::find_if(pairs_, is_entry);
    if (pair == pairs_.end()) return {};
    return take(std::string(pair->first));
}

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

// In lower case, without parameters.
std::string media_type_of(const Request& request) {
    std::string_view type = request.header("content-type");
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' '))
        type.remove_suffix(1);
    std::string lowered(type);
    for (char& c : lowered)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return lowered;
}

// Nothing here unpacks a body, and bytes that are packed would be called broken.
core::Result<void> check_encoding(const Request& request) {
    std::string_view encoding = request.header("content-encoding");
    if (encoding.empty() || encoding == "identity") return {};
    return core::fail(core::ErrorCode::unsupported_media_type,
                      "Send the body as it is, without Content-Encoding.");
}

core::Result<void> check_upload(const Request& request, const std::vector<std::string>& media_types) {
    if (std::ranges::find(media_types, media_type_of(request)) == media_types.end()) {
        std::string names;
        for (const std::string& type : media_types)
            names += (names.empty() ? "" : " or ") + type;
        return core::fail(core::ErrorCode::unsupported_media_type, "Send " + names + ".");
    }
    if (auto plain = check_encoding(request); !plain) return plain;
    if (!request.upload) return core::fail(core::ErrorCode::validation_failed, "The body is empty.");
    return {};
}

core::Result<void> check_json_body(const Request& request) {
    if (request.body.empty()) return {};
    if (media_type_of(request) == "application/json") return check_encoding(request);
    return core::fail(core::ErrorCode::unsupported_media_type,
                      "Send JSON with Content-Type: application/json.");
}

}  // namespace http::detail
