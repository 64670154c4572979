#include "core/json_read.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace core {
namespace {

Result<void> count_keys(const boost::json::value& json, std::size_t& keys) {
    if (const auto* object = json.if_object()) {
        keys += object->size();
        for (const auto& entry : *object) {
            if (auto counted = count_keys(entry.value(), keys); !counted) return counted;
        }
    } else if (const auto* array = json.if_array()) {
        for (const auto& item : *array) {
            if (auto counted = count_keys(item, keys); !counted) return counted;
        }
    }
    if (keys > json_keys_max) return fail(ErrorCode::invalid_json, "The body has too many members.");
    return {};
}

std::string escaped_pointer_token(std::string_view key) {
    std::string token;
    for (char c : key) {
        if (c == '~') {
            token += "~0";
        } else if (c == '/') {
            token += "~1";
        } else {
            token += c;
        }
    }
    return token;
}

}  // namespace

Result<boost::json::value> parse_json(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = json_depth_max;
    boost::system::error_code failed;
    auto document = boost::json::parse(text, failed, {}, options);
    if (failed) return fail(ErrorCode::invalid_json, "The body is not valid JSON: " + failed.message() + ".");
    std::size_t keys = 0;
    if (auto counted = count_keys(document, keys); !counted)
        return std::unexpected(std::move(counted.error()));
    return document;
}

std::string JsonPath::pointer() const {
    if (!parent) return "";
    return parent->pointer() + "/" + (key.data() ? escaped_pointer_token(key) : std::to_string(index));
}

Error FieldErrors::to_error() && {
    bool unknown = std::ranges::any_of(list_, [](const FieldError& e) { return e.code == "unknown_field"; });
    auto code = unknown ? ErrorCode::unknown_field : ErrorCode::validation_failed;
    std::string detail = list_.front().field.empty()
                             ? "The body " + list_.front().message + "."
                             : list_.front().field + " " + list_.front().message + ".";
    return {code, std::move(detail), std::move(list_), {}};
}

}  // namespace core
