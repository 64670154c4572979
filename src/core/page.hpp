// Lists in pages by keyset: a cursor is the sort key of the last row shown, so page 10,000 costs what page 1
// does.
#pragma once

#include "core/text.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace core {

// The place behind one row of an ordered list. On the wire an opaque base64url text with a checksum: one that
// somebody edited is refused.
struct Cursor {
    std::string order;  // the name of the sort it belongs to
    std::string key;    // that row's sort key
    std::string id;     // tells rows of one key apart

    static Checked<Cursor> from_text(std::string_view text);
    std::string text() const;
    static boost::json::object schema() {
        return {{"type", "string"}, {"description", "next_cursor of a page"}};
    }
};

using PageLimit = Int<1, 100>;
inline constexpr std::int64_t page_limit_default = 20;

template <class T>
struct List {
    std::vector<T> data;
    bool has_more = false;
    std::optional<std::string> next_cursor;

    BOOST_DESCRIBE_CLASS(List, (), (data, has_more, next_cursor), (), ())
};

// Makes a page out of up to limit + 1 rows: the surplus one only tells that there is more.
template <class T, class CursorOf>
List<T> page_of(std::vector<T> rows, std::int64_t limit, CursorOf cursor_of) {
    List<T> list;
    list.has_more = rows.size() > static_cast<std::size_t>(limit);
    if (list.has_more) {
        rows.resize(static_cast<std::size_t>(limit));
        list.next_cursor = cursor_of(rows.back()).text();
    }
    list.data = std::move(rows);
    return list;
}

// For lists whose rows are in the order of their ids, called `order`: the id that a page begins behind;
// without a cursor `first`. Error: the cursor is another list's.
template <class Id>
Result<Id> place_of(const std::optional<Cursor>& cursor, std::string_view order, Id first) {
    if (!cursor) return first;
    auto place = Id::from_text(cursor->id);
    if (cursor->order != order || !place)
        return fail(ErrorCode::invalid_parameter, "The cursor belongs to another list.");
    return *place;
}

// And the page, of up to limit + 1 rows.
template <class T>
List<T> page_by_id(std::vector<T> rows, std::int64_t limit, std::string_view order) {
    return page_of(std::move(rows), limit,
                   [&](const T& last) { return Cursor{std::string(order), "", last.id.str()}; });
}

}  // namespace core
