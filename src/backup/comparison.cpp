#include "backup/comparison.hpp"

#include <algorithm>
#include <stdexcept>

namespace backup {
namespace {

using store::Table;
using store::Value;
using store::Values;

std::vector<std::size_t> places_of_key(const Table& table) {
    std::vector<std::size_t> places;
    for (const std::string& column : table.key)
        places.push_back(table.place_of(column));
    return places;
}

Values picked(const Values& row, const std::vector<std::size_t>& places) {
    Values values;
    for (std::size_t place : places)
        values.push_back(row[place]);
    return values;
}

std::string shown(const Value& value) {
    if (auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (auto* text = std::get_if<std::string>(&value)) return *text;
    return "null";
}

// "row ord_01J… of orders"
std::string name_of(const Table& table, const Values& key) {
    std::string name = "row";
    for (const Value& value : key)
        name += " " + shown(value);
    return name + " of " + table.name;
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::runtime_error("The copy is not the same: " + what + ". Nothing was kept of it.");
}

// The values may be secrets: they are not shown.
void compare_row(const Table& table, const Values& expected, const Values& found, const Values& key) {
    if (expected == found) return;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (expected[i] != found[i])
            refuse(name_of(table, key) + " has another value in the column " + table.columns[i].name);
    }
}

}  // namespace

ChangedRows::ChangedRows(std::unique_ptr<store::Rows> rows, const Table& table,
                         std::function<void(Values&)> change)
    : rows_(std::move(rows)), key_(places_of_key(table)), change_(std::move(change)) {}

bool ChangedRows::next(Values& row) {
    while (rows_->next(row)) {
        const Values before = picked(row, key_);
        change_(row);
        if (picked(row, key_) == before) return true;
        waiting_.push_back(std::move(row));
    }
    if (given_ == 0)
        std::ranges::sort(waiting_, {}, [this](const Values& waiting) { return picked(waiting, key_); });
    if (given_ == waiting_.size()) return false;
    row = std::move(waiting_[given_++]);
    return true;
}

std::int64_t compare(const Table& table, store::Rows& expected, store::Rows& found) {
    const auto places = places_of_key(table);
    Values wanted;
    Values there;
    std::int64_t count = 0;
    bool has_wanted = expected.next(wanted);
    bool has_there = found.next(there);
    for (; has_wanted || has_there; ++count) {
        const Values wanted_key = has_wanted ? picked(wanted, places) : Values{};
        const Values there_key = has_there ? picked(there, places) : Values{};
        if (!has_there || (has_wanted && wanted_key < there_key))
            refuse(name_of(table, wanted_key) + " is missing");
        if (!has_wanted || there_key < wanted_key)
            refuse(name_of(table, there_key) + " was not in the source");
        compare_row(table, wanted, there, wanted_key);
        has_wanted = expected.next(wanted);
        has_there = found.next(there);
    }
    return count;
}

}  // namespace backup
