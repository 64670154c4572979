// The category tree. A product may stand in several categories; a category shows its own products and those
// of everything below it.
#pragma once

#include "catalog/product.hpp"

namespace catalog {

inline constexpr std::size_t category_depth_max = 10;  // a path longer than that is lost on every reader

struct Category {
    core::CategoryId id;
    std::string name;
    std::string slug;
    std::optional<core::CategoryId> parent_id;
    std::int64_t position = 0;
    std::int64_t product_count = 0;  // active ones, here and below
    std::vector<CategoryLink> path;  // from the root to this one
    std::vector<Category> children;
};
BOOST_DESCRIBE_STRUCT(Category, (), (id, name, slug, parent_id, position, product_count, path, children))

struct CategoryAddress {
    CategoryReference id;
};
BOOST_DESCRIBE_STRUCT(CategoryAddress, (), (id))

struct CategoriesQuery {};
BOOST_DESCRIBE_STRUCT(CategoriesQuery, (), ())

struct NewCategory {
    core::Text<1, 200> name;
    std::optional<core::Slug> slug;  // else suggested by the name
    std::optional<core::CategoryId> parent_id;
    std::optional<Place> position;  // among its siblings; equal ones by name
};
BOOST_DESCRIBE_STRUCT(NewCategory, (), (name, slug, parent_id, position))

struct CategoryPatch {
    CategoryReference id;
    core::Patch<core::Text<1, 200>> name;
    core::Patch<core::Slug> slug;
    core::Patch<core::CategoryId> parent_id;  // null: to the top
    core::Patch<Place> position;
};
BOOST_DESCRIBE_STRUCT(CategoryPatch, (), (id, name, slug, parent_id, position))

struct CategoryRemoval {
    CategoryReference id;
    std::optional<CategoryReference> move_to;  // takes the products and children
};
BOOST_DESCRIBE_STRUCT(CategoryRemoval, (), (id, move_to))

// The roots with everything below them.
core::Result<core::List<Category>> list_categories(store::Tx& tx, const core::Caller& caller,
                                                   const CategoriesQuery& query);
core::Result<Category> get_category(store::Tx& tx, const core::Caller& caller,
                                    const CategoryAddress& address);

core::Result<Category> create_category(store::Tx& tx, const core::Caller& caller,
                                       const NewCategory& category);
// 409 category_cycle if it would come to stand under itself.
core::Result<Category> change_category(store::Tx& tx, const core::Caller& caller, const CategoryPatch& patch);
// 409 category_not_empty unless move_to is given.
core::Result<void> delete_category(store::Tx& tx, const core::Caller& caller, const CategoryRemoval& removal);

// The category at the end of a path of names ("Kitchen", "Kettles"); what is missing of it is made.
core::Result<core::CategoryId> ensure_category(store::Tx& tx, const core::Caller& caller,
                                               const std::vector<std::string>& path);

}  // namespace catalog
