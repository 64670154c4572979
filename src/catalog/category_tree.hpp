// The category tree in memory: a few thousand rows at most, read whole. Only for this folder's own .cpp
// files.
#pragma once

#include "catalog/category_queries.hpp"

namespace catalog {

class CategoryTree {
public:
    explicit CategoryTree(std::vector<queries::CategoryRow> rows);

    const queries::CategoryRow* find(const CategoryReference& reference) const;
    const queries::CategoryRow* find(core::CategoryId id) const;
    // With its path and everything below it.
    Category view(const queries::CategoryRow& row) const;
    std::vector<Category> roots() const;

    // From the root to this one, itself included.
    std::vector<const queries::CategoryRow*> path(core::CategoryId id) const;
    // Itself first, then what is below.
    std::vector<core::CategoryId> subtree(core::CategoryId id) const;
    const std::vector<core::CategoryId>& children(std::optional<core::CategoryId> parent) const;
    // Levels from this one down to its deepest descendant: 1 for a leaf.
    std::size_t height(core::CategoryId id) const;

    bool is_within(core::CategoryId id, core::CategoryId ancestor) const;
    // Hangs a category, with what is below it, under another parent (null: the top).
    void move(core::CategoryId id, std::optional<core::CategoryId> parent);

private:
    Category view(const queries::CategoryRow& row, std::vector<CategoryLink>& path_above) const;

    std::map<core::CategoryId, queries::CategoryRow> rows_;
    std::map<std::optional<core::CategoryId>, std::vector<core::CategoryId>> children_;  // in the order shown
};

}  // namespace catalog
