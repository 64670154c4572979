// The SQL of categories, and the tree that their rows make. Only for this folder's own .cpp files.
#pragma once

#include "catalog/category.hpp"

namespace catalog::queries {

struct CategoryRow {
    core::CategoryId id;
    std::optional<core::CategoryId> parent_id;
    std::string name;
    std::string slug;
    std::int64_t position = 0;
    std::int64_t product_count = 0;
};
BOOST_DESCRIBE_STRUCT(CategoryRow, (), (id, parent_id, name, slug, position, product_count))

std::vector<CategoryRow> list_categories(store::Tx& tx);  // by position, then name
// False if the slug is another category's.
bool insert_category(store::Tx& tx, const CategoryRow& category);
void update_category(store::Tx& tx, const CategoryRow& category);
// Former slugs. A slug that a category takes is nobody's former one any more.
void keep_former_slug(store::Tx& tx, std::string_view slug, core::CategoryId category);
void forget_former_slug(store::Tx& tx, std::string_view slug);
void give_former_slugs(store::Tx& tx, core::CategoryId from, core::CategoryId to);
std::optional<core::CategoryId> find_by_former_slug(store::Tx& tx, std::string_view slug);

void delete_category(store::Tx& tx, core::CategoryId category);
bool is_slug_of_another(store::Tx& tx, const CategoryRow& category);

bool has_products(store::Tx& tx, core::CategoryId category);
// Those put into `from` itself now stand in `to` itself.
void put_products_into(store::Tx& tx, core::CategoryId from, core::CategoryId to);
// All products of `from`, its own and those from below, also stand in its ancestor.
void show_products_in(store::Tx& tx, core::CategoryId from, core::CategoryId ancestor);
// Takes the products of `from` out of a former ancestor, but for those that were put into one of the
// categories that the ancestor still has (itself and what is below).
void hide_products_from(store::Tx& tx, core::CategoryId from, core::CategoryId ancestor,
                        const std::vector<std::string>& still_there);
void recount_products(store::Tx& tx, core::CategoryId category);

}  // namespace catalog::queries
