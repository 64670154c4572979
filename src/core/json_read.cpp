#include "core/json_read.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
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

// What the parser made of a text.
struct Kept {
    std::size_t members = 0;    // of two with one name it keeps the last
    bool beyond_range = false;  // 1e400 becomes an infinity, 0e400 no number, which JSON can't write
};

void take_stock(const boost::json::value& json, Kept& kept) {
    if (const auto* object = json.if_object()) {
        kept.members += object->size();
        for (const auto& entry : *object)
            take_stock(entry.value(), kept);
    } else if (const auto* array = json.if_array()) {
        for (const auto& item : *array)
            take_stock(item, kept);
    } else if (const auto* number = json.if_double()) {
        if (!std::isfinite(*number)) kept.beyond_range = true;
    }
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
    Kept kept;
    take_stock(document, kept);
    if (kept.beyond_range)
        return fail(ErrorCode::invalid_json, "A number of the body has too large an exponent.");
    if (kept.members != members) {
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
