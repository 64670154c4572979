#include "catalog/category_queries.hpp"

namespace catalog::queries {

std::vector<CategoryRow> list_categories(store::Tx& tx) {
    return tx.list<CategoryRow>(
        "select id, parent_id, name, slug, position, product_count from categories order by position, name, "
        "id");
}

bool insert_category(store::Tx& tx, const CategoryRow& c) {
    return tx.count_changed(
               "insert into categories (id, parent_id, name, slug, position) values ($1, $2, $3, $4, $5) "
               "on conflict (slug) do nothing",
               c.id, c.parent_id, c.name, c.slug, c.position) == 1;
}

void update_category(store::Tx& tx, const CategoryRow& c) {
    tx.run("update categories set parent_id = $2, name = $3, slug = $4, position = $5 where id = $1", c.id,
           c.parent_id, c.name, c.slug, c.position);
}

void keep_former_slug(store::Tx& tx, std::string_view slug, core::CategoryId category) {
    tx.run(
        "insert into category_slugs (slug, category_id) values ($1, $2) "
        "on conflict (slug) do update set category_id = excluded.category_id",
        slug, category);
}

void forget_former_slug(store::Tx& tx, std::string_view slug) {
    tx.run("delete from category_slugs where slug = $1", slug);
}

void give_former_slugs(store::Tx& tx, core::CategoryId from, core::CategoryId to) {
    tx.run("update category_slugs set category_id = $2 where category_id = $1", from, to);
}

std::optional<core::CategoryId> find_by_former_slug(store::Tx& tx, std::string_view slug) {
    return tx.find<core::CategoryId>("select category_id from category_slugs where slug = $1", slug);
}

void delete_category(store::Tx& tx, core::CategoryId category) {
    tx.run("delete from category_products where category_id = $1", category);
    tx.run("delete from categories where id = $1", category);
}

bool is_slug_of_another(store::Tx& tx, const CategoryRow& c) {
    return tx.find<core::CategoryId>("select id from categories where slug = $1 and id <> $2", c.slug, c.id)
        .has_value();
}

bool has_products(store::Tx& tx, core::CategoryId category) {
    return tx
        .find<core::ProductId>("select product_id from category_products where category_id = $1 limit 1",
                               category)
        .has_value();
}

void put_products_into(store::Tx& tx, core::CategoryId from, core::CategoryId to) {
    tx.run(
        "insert into category_products (product_id, category_id, direct, status, created_at, price_min, "
        "title_key) "
        "select product_id, $2, 1, status, created_at, price_min, title_key from category_products "
        "where category_id = $1 and direct = 1 on conflict (product_id, category_id) do update set direct = "
        "1",
        from, to);
}

void show_products_in(store::Tx& tx, core::CategoryId from, core::CategoryId ancestor) {
    tx.run(
        "insert into category_products (product_id, category_id, direct, status, created_at, price_min, "
        "title_key) "
        "select product_id, $2, 0, status, created_at, price_min, title_key from category_products "
        "where category_id = $1 on conflict (product_id, category_id) do nothing",
        from, ancestor);
}

void hide_products_from(store::Tx& tx, core::CategoryId from, core::CategoryId ancestor,
                        const std::vector<std::string>& still_there) {
    tx.run(
        "delete from category_products where category_id = $2 and direct = 0 "
        "and product_id in (select f.product_id from category_products f where f.category_id = $1) "
        "and not exists (select 1 from category_products other where other.product_id = "
        "category_products.product_id "
        "and other.direct = 1 and other.category_id = any($3))",
        from, ancestor, still_there);
}

void recount_products(store::Tx& tx, core::CategoryId category) {
    tx.run(
        "update categories set product_count = (select count(*) from category_products "
        "where category_id = $1 and status = 'active') where id = $1",
        category);
}

}  // namespace catalog::queries
