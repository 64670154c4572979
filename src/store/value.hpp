// Values on their way into a statement and out of a row. Two kinds are enough on both engines: 64-bit
// integers (also times, as milliseconds, and booleans, as 0 and 1) and text.
#pragma once

#include "core/described.hpp"
#include "core/money.hpp"
#include "core/time.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace store {

// One argument of a statement. Text is borrowed: it must outlive the call it is passed to.
struct Param {
    enum class Kind { null, integer, text, text_list };
    Kind kind = Kind::null;
    std::int64_t integer = 0;
    std::string_view text;
    std::span<const std::string> list;  // for `= any($1)`
    Kind null_of = Kind::null;          // what a null would be if it had a value, where that is known

    // PostgreSQL wants to know a parameter's type also where there is no value.
    Kind type() const { return kind == Kind::null ? null_of : kind; }
};

inline Param param(const Param& value) {
    return value;
}
inline Param param(std::nullopt_t) {
    return {};
}
inline Param param(std::string_view value) {
    return {Param::Kind::text, 0, value, {}};
}
inline Param param(const std::vector<std::string>& values) {
    return {Param::Kind::text_list, 0, {}, values};
}
inline Param param(core::Time value) {
    return {Param::Kind::integer, value.ms, {}, {}};
}

template <class T>
    requires std::is_integral_v<T>
Param param(T value) {
    return {Param::Kind::integer, static_cast<std::int64_t>(value), {}, {}};
}
template <class T>
    requires core::IntegerValue<T>
Param param(const T& value) {
    return param(value.value);
}
template <core::TextValue T>
    requires(!std::is_convertible_v<const T&, std::string_view>)
Param param(const T& value) {
    return param(std::string_view(value.text()));
}
template <core::DescribedEnum T>
Param param(T value) {
    return param(std::string_view(boost::describe::enum_to_string(value, "")));
}
template <class T>
Param param(const std::optional<T>& value) {
    if (value) return param(*value);
    constexpr bool integer = std::is_integral_v<T> || core::IntegerValue<T> || std::is_same_v<T, core::Time>;
    constexpr bool list = std::is_same_v<T, std::vector<std::string>>;
    Param null;
    null.null_of = integer ? Param::Kind::integer : list ? Param::Kind::text_list : Param::Kind::text;
    return null;
}

// One row of a result, columns from 0. Valid only while it is being visited.
class RowView {
public:
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual std::string_view text(int column) const = 0;

protected:
    ~RowView() = default;
};

// Fills `out` from one column. Throws std::runtime_error if our own row doesn't hold what its type promises.
template <class T>
void read_column(const RowView& row, int column, T& out) {
    if constexpr (core::is_optional<T>) {
        if (row.is_null(column)) {
            out.reset();
        } else {
            read_column(row, column, out.emplace());
        }
    } else if constexpr (std::is_same_v<T, bool>) {
        out = row.integer(column) != 0;
    } else if constexpr (std::is_integral_v<T>) {
        out = static_cast<T>(row.integer(column));
    } else if constexpr (std::is_same_v<T, core::Time>) {
        out.ms = row.integer(column);
    } else if constexpr (core::IntegerValue<T>) {
        out.value = row.integer(column);
    } else if constexpr (std::is_same_v<T, std::string>) {
        out = row.text(column);
    } else if constexpr (core::DescribedEnum<T>) {
        if (!boost::describe::enum_from_string(std::string(row.text(column)).c_str(), out)) {
            throw std::runtime_error("a row holds an unknown value: " + std::string(row.text(column)));
        }
    } else if constexpr (requires { T::trusted(std::string{}); }) {
        out = T::trusted(std::string(row.text(column)));
    } else {
        static_assert(core::TextValue<T>, "a column holds an integer, a text or a checked value made of one");
        auto value = T::from_text(row.text(column));
        if (!value)
            throw std::runtime_error("a row holds a malformed value: " + std::string(row.text(column)));
        out = std::move(*value);
    }
}

// A described struct takes one column a member, in order; anything else takes the first column.
template <class T>
T read_row(const RowView& row) {
    T value{};
    if constexpr (core::Described<T>) {
        int column = 0;
        core::for_each_member(value, [&](const char*, auto& member) { read_column(row, column++, member); });
    } else {
        read_column(row, 0, value);
    }
    return value;
}

}  // namespace store
