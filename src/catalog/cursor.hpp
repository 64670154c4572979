// What this room's lists ask of a cursor that came back. Its checksum has been looked at; its meaning has
// not.
#pragma once

#include "core/page.hpp"

#include <charconv>

namespace catalog {

// A sort key that is a whole number; empty if it isn't one.
inline std::optional<std::int64_t> integer_key(const core::Cursor& cursor) {
    std::int64_t number = 0;
    const char* end = cursor.key.data() + cursor.key.size();
    auto [read_to, failed] = std::from_chars(cursor.key.data(), end, number);
    if (failed != std::errc{} || read_to != end) return {};
    return number;
}

inline std::unexpected<core::Error> refuse_cursor() {
    core::Error error{
        core::ErrorCode::invalid_parameter, "The cursor belongs to another list or another sort.", {}, {}};
    error.fields.push_back({"cursor", "invalid_cursor", "must be a next_cursor of this list in this sort"});
    return std::unexpected(std::move(error));
}

}  // namespace catalog
