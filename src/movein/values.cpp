#include "movein/values.hpp"

#include "core/text.hpp"

#include <boost/json/object.hpp>

#include <charconv>
#include <cmath>

namespace movein {
namespace {

using boost::json::value;

constexpr std::size_t object_id_digits = 24;
constexpr std::size_t id_bytes_max = 200;      // of an _id that is a text
constexpr core::Time latest{253402300799999};  // the year 9999: what a date-time can be written for

const value* wrapped(const value& wrapper, std::string_view name) {
    const auto* object = wrapper.if_object();
    return object && object->size() == 1 ? object->if_contains(name) : nullptr;
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
    Number number{};
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

std::optional<core::Time> plausible(std::optional<core::Time> time) {
    if (!time || time->ms < 0 || *time > latest) return {};
    return time;
}

// A double that no 64 bits can hold must not be made one of them.
std::optional<core::Time> time_of_ms(std::optional<double> ms) {
    const bool fits = ms && *ms >= 0 && *ms <= static_cast<double>(latest.ms);  // NaN doesn't
    return fits ? std::optional(core::Time{static_cast<std::int64_t>(*ms)}) : std::nullopt;
}

// 7.0 is "7", as a whole number that Mongoose kept as a double.
std::string text_of_double(double number) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace

const value* find_at(const boost::json::object& document, std::string_view path) {
    const boost::json::object* object = &document;
    for (;;) {
        const std::size_t dot = path.find('.');
        const value* found = object->if_contains(path.substr(0, dot));
        if (!found || found->is_null()) return nullptr;
        if (dot == path.npos) return found;
        object = found->if_object();
        if (!object) return nullptr;
        path.remove_prefix(dot + 1);
    }
}

std::string id_in(const value& value) {
    if (const auto* oid = wrapped(value, "$oid")) return id_in(*oid);
    if (const auto* uuid = wrapped(value, "$uuid")) return id_in(*uuid);
    if (value.is_string()) {
        const std::string_view text = value.get_string();
        return text.size() <= id_bytes_max && core::is_clean_utf8(text) ? std::string(text) : std::string();
    }
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_double()) return text_of_double(value.get_double());
    const auto* document = value.if_object();
    const auto* id = document ? document->if_contains("_id") : nullptr;
    return id && !id->is_object() ? id_in(*id) : id && wrapped(*id, "$oid") ? id_in(*id) : std::string();
}

std::optional<std::string> text_in(const value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (const auto* decimal = wrapped(value, "$numberDecimal")) return text_in(*decimal);
    std::string text = value.is_object() && !wrapped(value, "$oid") ? std::string() : id_in(value);
    if (text.empty()) return {};
    return text;
}

std::optional<double> number_in(const value& value) {
    if (value.is_int64()) return static_cast<double>(value.get_int64());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    std::optional<double> number;
    if (value.is_double()) number = value.get_double();
    if (value.is_string()) number = parsed<double>(std::string_view(value.get_string()));
    for (const char* kind : {"$numberDecimal", "$numberDouble", "$numberLong"}) {
        const auto* inner = wrapped(value, kind);
        if (inner && inner->is_string()) number = number_in(*inner);
    }
    return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<bool> flag_in(const value& value) {
    if (value.is_bool()) return value.get_bool();
    if (value.is_int64()) return value.get_int64() != 0;
    if (value.is_double())
        return value.get_double() != 0;  // as every number that a shell of MongoDB's writes
    if (!value.is_string()) return {};
    const std::string_view text = value.get_string();
    if (text == "true" || text == "yes" || text == "1") return true;
    if (text == "false" || text == "no" || text == "0") return false;
    return {};
}

std::optional<core::Time> time_in(const value& value) {
    if (const auto* date = wrapped(value, "$date")) {
        const auto* ms = wrapped(*date, "$numberLong");
        return ms ? time_of_ms(number_in(*ms)) : time_in(*date);
    }
    if (value.is_string()) return plausible(core::from_rfc3339(value.get_string()));
    if (value.is_int64()) return plausible(core::Time{value.get_int64()});
    if (value.is_double()) return time_of_ms(value.get_double());
    return {};
}

std::optional<core::Time> time_of_object_id(std::string_view id) {
    if (id.size() != object_id_digits) return {};
    std::uint32_t seconds = 0;
    const std::string_view made = id.substr(0, 8);
    auto [end, failed] = std::from_chars(made.begin(), made.end(), seconds, 16);
    if (failed != std::errc{} || end != made.end()) return {};
    return core::Time{std::int64_t{seconds} * 1000};
}

}  // namespace movein
