// Described structs to JSON text (RFC 8259), appended to a string without a document in between.
#pragma once

#include "core/described.hpp"
#include "core/time.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <charconv>

namespace core {

// Appends `text` as a JSON string. `text` is UTF-8.
void write_json_string(std::string& out, std::string_view text);

template <class T>
void write_json(std::string& out, const T& value);

inline void write_json_integer(std::string& out, std::int64_t value) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

template <class T>
void write_json(std::string& out, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
        write_json_integer(out, value);
    } else if constexpr (IntegerValue<T>) {
        write_json_integer(out, value.value);
    } else if constexpr (std::is_same_v<T, Time>) {
        out += '"';
        append_rfc3339(out, value);
        out += '"';
    } else if constexpr (std::is_same_v<T, boost::json::value> || std::is_same_v<T, boost::json::object>) {
        out += boost::json::serialize(value);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        write_json_string(out, value);
    } else if constexpr (TextValue<T>) {
        write_json_string(out, value.text());
    } else if constexpr (DescribedEnum<T>) {
        write_json_string(out, boost::describe::enum_to_string(value, ""));
    } else if constexpr (is_variant<T>) {
        std::visit([&](const auto& held) { write_json(out, held); }, value);
    } else if constexpr (is_optional<T>) {
        value ? write_json(out, *value) : void(out += "null");
    } else if constexpr (is_vector<T>) {
        out += '[';
        bool first = true;
        for (const auto& item : value) {
            if (!std::exchange(first, false)) out += ',';
            write_json(out, item);
        }
        out += ']';
    } else if constexpr (is_text_map<T>) {
        out += '{';
        bool first = true;
        for (const auto& [key, item] : value) {
            if (!std::exchange(first, false)) out += ',';
            write_json_string(out, key);
            out += ':';
            write_json(out, item);
        }
        out += '}';
    } else {
        static_assert(Described<T>, "declare the struct with BOOST_DESCRIBE_STRUCT");
        out += '{';
        bool first = true;
        for_each_member(value, [&](const char* name, const auto& member) {
            if (!std::exchange(first, false)) out += ',';
            out += '"';
            out += name;
            out += "\":";
            write_json(out, member);
        });
        out += '}';
    }
}

template <class T>
std::string to_json(const T& value) {
    std::string out;
    write_json(out, value);
    return out;
}

}  // namespace core
