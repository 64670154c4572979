// Rows of the source as they must be at the target, and whether they are. Only for this folder's own .cpp
// files.
#pragma once

#include "store/tables.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace backup {

// Gives what `change` makes of each row, by the key of `table`. A row whose key changes waits until the
// end: it becomes higher than all others.
class ChangedRows final : public store::Rows {
public:
    ChangedRows(std::unique_ptr<store::Rows> rows, const store::Table& table,
                std::function<void(store::Values&)> change);
    bool next(store::Values& row) override;

private:
    std::unique_ptr<store::Rows> rows_;
    std::vector<std::size_t> key_;
    std::function<void(store::Values&)> change_;
    std::vector<store::Values> waiting_;
    std::size_t given_ = 0;  // of those that waited
};

// How many rows both have. Throws std::runtime_error that names the first row that only one of them has, or
// that has another value, and the column of it.
std::int64_t compare(const store::Table& table, store::Rows& expected, store::Rows& found);

}  // namespace backup
