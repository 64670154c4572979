#include "catalog/category_tree.hpp"

namespace catalog {

using queries::CategoryRow;

CategoryTree::CategoryTree(std::vector<CategoryRow> rows) {
    for (CategoryRow& row : rows) {
        children_[row.parent_id].push_back(row.id);
        rows_.emplace(row.id, std::move(row));
    }
}

const CategoryRow* CategoryTree::find(core::CategoryId id) const {
    auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : &found->second;
}

const CategoryRow* CategoryTree::find(const CategoryReference& reference) const {
    if (reference.is_id()) return find(*core::CategoryId::from_text(reference.text()));
    auto found =
        std::ranges::find_if(rows_, [&](const auto& entry) { return entry.second.slug == reference.text(); });
    return found == rows_.end() ? nullptr : &found->second;
}

const std::vector<core::CategoryId>& CategoryTree::children(std::optional<core::CategoryId> parent) const {
    static const std::vector<core::CategoryId> none;
    auto found = children_.find(parent);
    return found == children_.end() ? none : found->second;
}

std::vector<const CategoryRow*> CategoryTree::path(core::CategoryId id) const {
    std::vector<const CategoryRow*> path;
    for (const CategoryRow* row = find(id); row; row = row->parent_id ? find(*row->parent_id) : nullptr) {
        path.insert(path.begin(), row);
    }
    return path;
}

std::vector<core::CategoryId> CategoryTree::subtree(core::CategoryId id) const {
    std::vector<core::CategoryId> below{id};
    for (std::size_t i = 0; i < below.size(); ++i) {
        const auto& next = children(below[i]);
        below.insert(below.end(), next.begin(), next.end());
    }
    return below;
}

std::size_t CategoryTree::height(core::CategoryId id) const {
    std::size_t deepest = 0;
    for (core::CategoryId child : children(id))
        deepest = std::max(deepest, height(child));
    return deepest + 1;
}

bool CategoryTree::is_within(core::CategoryId id, core::CategoryId ancestor) const {
    return std::ranges::any_of(path(id), [&](const CategoryRow* row) { return row->id == ancestor; });
}

void CategoryTree::move(core::CategoryId id, std::optional<core::CategoryId> parent) {
    CategoryRow& row = rows_.at(id);
    std::erase(children_[row.parent_id], id);
    row.parent_id = parent;
    children_[parent].push_back(id);
}

Category CategoryTree::view(const CategoryRow& row, std::vector<CategoryLink>& path) const {
    Category category;
    category.id = row.id;
    category.name = row.name;
    category.slug = row.slug;
    category.parent_id = row.parent_id;
    category.position = row.position;
    category.product_count = row.product_count;
    path.push_back({row.id, row.name, row.slug});
    category.path = path;
    for (core::CategoryId child : children(row.id))
        category.children.push_back(view(rows_.at(child), path));
    path.pop_back();
    return category;
}

Category CategoryTree::view(const CategoryRow& row) const {
    std::vector<CategoryLink> above;
    for (const CategoryRow* ancestor : path(row.id))
        above.push_back({ancestor->id, ancestor->name, ancestor->slug});
    above.pop_back();
    return view(row, above);
}

std::vector<Category> CategoryTree::roots() const {
    std::vector<Category> roots;
    for (core::CategoryId id : children({}))
        roots.push_back(view(rows_.at(id)));
    return roots;
}

}  // namespace catalog
