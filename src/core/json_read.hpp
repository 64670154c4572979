// JSON to described structs. Every member that doesn't fit is reported with its JSON Pointer (RFC 6901), all
// of them in one go; members that the struct doesn't have are refused, so that typos surface.
#pragma once

#include "core/described.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

#include <boost/json/value.hpp>

namespace core {

inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_keys_max = 1000;         // members of all objects of one body together
inline constexpr std::size_t json_array_items_max = 1000;  // of any one array of a body
inline constexpr std::size_t field_errors_max = 20;  // reported for one request; the rest would be noise

// Parses text into a document within the limits above: invalid_json otherwise (bad syntax, bad UTF-8,
// too deep, too many members, a member twice, a number beyond the range of a double).
Result<boost::json::value> parse_json(std::string_view text);

// Where in the body the reader is; lives on the stack, is spelt out only for an error.
struct JsonPath {
    const JsonPath* parent = nullptr;
    std::string_view key;
    std::size_t index = 0;

    std::string pointer() const;
};

class FieldErrors {
public:
    void add(const JsonPath& path, std::string code, std::string message) {
        if (list_.size() < field_errors_max)
            list_.push_back({path.pointer(), std::move(code), std::move(message)});
    }
    bool empty() const { return list_.empty(); }
    // 422: unknown_field if that is among them, else validation_failed.
    Error to_error() &&;

private:
    std::vector<FieldError> list_;
};

namespace detail {

template <class T>
void read_checked(Checked<T>&& checked, T& out, const JsonPath& path, FieldErrors& errors) {
    if (checked) {
        out = std::move(*checked);
    } else {
        errors.add(path, std::move(checked.error().code), std::move(checked.error().message));
    }
}

template <class T>
Checked<T> from_text(std::string_view text) {
    if constexpr (std::is_same_v<decltype(T::from_text(text)), std::optional<T>>) {
        if (auto value = T::from_text(text)) return *value;
        return std::unexpected(
            Refusal{"invalid_id", "must be an id that starts with " + std::string(T::prefix) + "_"});
    } else {
        return T::from_text(text);
    }
}

template <class T>
Checked<T> enum_from_text(std::string_view text) {
    T value;
    if (boost::describe::enum_from_string(std::string(text).c_str(), value)) return value;
    std::string names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
        if (!names.empty()) names += ", ";
        names += enumerator.name;
    });
    return std::unexpected(Refusal{"invalid_value", "must be one of " + names});
}

}  // namespace detail

template <class T>
void read_json(const boost::json::value& json, T& out, const JsonPath& path, FieldErrors& errors);

// Refuses members of `json` that T doesn't have, or that `excluded(name)` says come from elsewhere.
template <Described T, class Excluded>
void refuse_unknown(const boost::json::object& json, const JsonPath& path, FieldErrors& errors,
                    Excluded excluded) {
    for (const auto& entry : json) {
        bool declared = false;
        T sample{};
        for_each_member(sample, [&](const char* name, auto&) { declared = declared || entry.key() == name; });
        if (!declared || excluded(entry.key())) {
            errors.add(JsonPath{&path, entry.key()}, "unknown_field", "is not a member of this request");
        }
    }
}

// Members that `elsewhere(name)` says come from another place than this object are neither read nor known
// here.
template <Described T, class Elsewhere>
void read_json_object(const boost::json::object& json, T& out, const JsonPath& path, FieldErrors& errors,
                      Elsewhere elsewhere) {
    std::size_t known = 0;
    for_each_member(out, [&](const char* name, auto& member) {
        using M = std::remove_reference_t<decltype(member)>;
        if (elsewhere(name)) return;
        JsonPath here{&path, name};
        if (const auto* value = json.if_contains(name)) {
            ++known;
            read_json(*value, member, here, errors);
        } else if constexpr (!may_be_absent<M>) {
            errors.add(here, "required", "is required");
        }
    });
    if (known != json.size()) refuse_unknown<T>(json, path, errors, elsewhere);
}

template <class T>
void read_json(const boost::json::value& json, T& out, const JsonPath& path, FieldErrors& errors) {
    auto wrong_type = [&](const char* expected) {
        errors.add(path, "wrong_type", std::string("must be ") + expected);
    };
    if constexpr (std::is_same_v<T, boost::json::value>) {
        out = json;
    } else if constexpr (is_optional<T>) {
        if (json.is_null()) return;
        read_json(json, out.emplace(), path, errors);
    } else if constexpr (is_patch<T>) {
        out.given = true;
        if (!json.is_null()) read_json(json, out.value.emplace(), path, errors);
    } else if constexpr (std::is_same_v<T, bool>) {
        json.is_bool() ? void(out = json.get_bool()) : wrong_type("true or false");
    } else if constexpr (IntegerValue<T>) {
        if (json.is_int64()) {
            detail::read_checked(T::from_integer(json.get_int64()), out, path, errors);
        } else if (json.is_uint64()) {
            errors.add(path, "out_of_range", "is too large");
        } else {
            wrong_type("a whole number");
        }
    } else if constexpr (std::is_same_v<T, Time>) {
        if (!json.is_string()) return wrong_type("a string");
        auto time = from_rfc3339(json.get_string());
        time ? void(out = *time) : errors.add(path, "invalid_format", "must be an RFC 3339 date-time");
    } else if constexpr (DescribedEnum<T>) {
        if (!json.is_string()) return wrong_type("a string");
        detail::read_checked(detail::enum_from_text<T>(json.get_string()), out, path, errors);
    } else if constexpr (TextValue<T> || SecretValue<T>) {
        if (!json.is_string()) return wrong_type("a string");
        detail::read_checked(detail::from_text<T>(json.get_string()), out, path, errors);
    } else if constexpr (is_vector<T>) {
        if (!json.is_array()) return wrong_type("an array");
        if (json.get_array().size() > json_array_items_max) {
            return errors.add(path, "too_long",
                              "must have at most " + std::to_string(json_array_items_max) + " items");
        }
        for (std::size_t i = 0; i < json.get_array().size(); ++i) {
            read_json(json.get_array()[i], out.emplace_back(), JsonPath{&path, {}, i}, errors);
        }
    } else if constexpr (is_text_map<T>) {
        if (!json.is_object()) return wrong_type("an object");
        for (const auto& entry : json.get_object()) {
            read_json(entry.value(), out[std::string(entry.key())], JsonPath{&path, entry.key()}, errors);
        }
    } else {
        static_assert(Described<T>, "requests are made of described structs and checked values");
        if (!json.is_object()) return wrong_type("an object");
        read_json_object(json.get_object(), out, path, errors, [](std::string_view) { return false; });
    }
}

// A whole body of our own making (a stored row, a demo file) or of a client.
template <class T>
Result<T> from_json(std::string_view text) {
    auto document = parse_json(text);
    if (!document) return std::unexpected(std::move(document.error()));
    T value;
    FieldErrors errors;
    read_json(*document, value, JsonPath{}, errors);
    if (!errors.empty()) return std::unexpected(std::move(errors).to_error());
    return value;
}

}  // namespace core
