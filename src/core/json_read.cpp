#include "core/json_read.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <set>

namespace core {
namespace {

// As many as the text has colons outside of strings, if it is JSON.
std::size_t count_members(std::string_view text) {
    std::size_t members = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            in_string = !in_string;
        } else if (in_string) {
            if (text[i] == '\\') ++i;
        } else if (text[i] == ':') {
            ++members;
        }
    }
    return members;
}

// Of two members with one name the parser keeps the last.
std::size_t count_kept(const boost::json::value& json) {
    std::size_t members = 0;
    if (const auto* object = json.if_object()) {
        members = object->size();
        for (const auto& entry : *object)
            members += count_kept(entry.value());
    } else if (const auto* array = json.if_array()) {
        for (const auto& item : *array)
            members += count_kept(item);
    }
    return members;
}

// The first name that an object of this JSON text has twice.
std::string repeated_name(std::string_view text) {
    std::vector<std::set<std::string>> names_of_open_objects;
    std::string_view last_string;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{') {
            names_of_open_objects.emplace_back();
        } else if (text[i] == '}') {
            names_of_open_objects.pop_back();
        } else if (text[i] == '"') {
            std::size_t begin = i++;
            while (text[i] != '"')
                i += text[i] == '\\' ? 2 : 1;
            last_string = text.substr(begin, i + 1 - begin);
        } else if (text[i] == ':') {
            std::string name(boost::json::parse(last_string).as_string());
            if (!names_of_open_objects.back().insert(name).second) return name;
        }
    }
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
    const std::size_t members = count_members(text);
    if (members > json_keys_max) return fail(ErrorCode::invalid_json, "The body has too many members.");
    boost::json::parse_options options;
    options.max_depth = json_depth_max;
    boost::system::error_code failed;
    auto document = boost::json::parse(text, failed, {}, options);
    if (failed) return fail(ErrorCode::invalid_json, "The body is not valid JSON: " + failed.message() + ".");
    if (count_kept(document) != members) {
        return fail(ErrorCode::invalid_json,
                    "An object of the body has the member \"" + repeated_name(text) + "\" twice.");
    }
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
