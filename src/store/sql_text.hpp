// What SQLite needs changed in a statement written in PostgreSQL's dialect. Pure text, done once per
// statement and connection, by sqlite.cpp.
#pragma once

#include <string>
#include <string_view>

namespace store {

// `$1` becomes `?1`, because SQLite would number `$`-names by their first appearance; `= any($1)` becomes
// `in (select value from json_each(?1))` and `<> all($1)` its opposite, because SQLite has no arrays: the
// list is bound as a JSON array. `for update skip locked` goes: there is one writer. Literals, quoted names
// and comments stay as they are.
std::string for_sqlite(std::string_view sql);

// `["a","b"]`
std::string json_array(std::span<const std::string> values);
// `{"a","b"}`, which PostgreSQL reads as an array of whatever type is needed.
std::string postgres_array(std::span<const std::string> values);

}  // namespace store
