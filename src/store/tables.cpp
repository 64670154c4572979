#include "store/tables.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace store {

std::size_t Table::place_of(const std::string& column) const {
    auto found = std::ranges::find(columns, column, &Column::name);
    if (found == columns.end()) throw std::logic_error("the table " + name + " has no column " + column);
    return static_cast<std::size_t>(found - columns.begin());
}

std::unique_ptr<Tables> open_tables(const std::string& url, TablesUse use) {
    constexpr std::string_view sqlite = "sqlite:";
    if (url.starts_with(sqlite)) return open_sqlite_tables(url.substr(sqlite.size()), use);
    return open_postgres_tables(url, use);
}

std::vector<Table> in_order_of_reference(std::vector<Table> tables) {
    std::vector<Table> ordered;
    std::set<std::string> placed;
    while (!tables.empty()) {
        auto is_free = [&](const Table& table) {
            return std::ranges::all_of(table.refers_to, [&](const std::string& other) {
                return other == table.name || placed.contains(other);
            });
        };
        auto next = std::ranges::find_if(tables, is_free);
        if (next == tables.end()) throw std::logic_error("tables refer to each other in a circle");
        placed.insert(next->name);
        ordered.push_back(std::move(*next));
        tables.erase(next);
    }
    return ordered;
}

std::string names_of(const std::vector<Column>& columns) {
    std::string names;
    for (const Column& column : columns)
        names += (names.empty() ? "\"" : ", \"") + column.name + "\"";
    return names;
}

}  // namespace store
