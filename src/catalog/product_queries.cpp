#include "catalog/product_queries.hpp"

namespace catalog::queries {
namespace {

constexpr std::size_t title_key_bytes_max = 200;

constexpr bool is_utf8_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string title_key(std::string_view title) {
    std::string key(title);
    if (key.size() > title_key_bytes_max) {
        std::size_t end = title_key_bytes_max;
        while (end > 0 && is_utf8_continuation(key[end]))
            --end;
        key.resize(end);
    }
    for (char& c : key) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return key;
}

void take_catalog_lock(store::Tx& tx) {
    tx.run("update catalog_lock set version = version + 1 where id = 1");
}

std::optional<ProductRow> find_product(store::Tx& tx, const ProductReference& reference) {
    constexpr store::Sql by_id = "select " KONTOR_PRODUCT_COLUMNS " from products p where p.id = $1";
    constexpr store::Sql by_slug = "select " KONTOR_PRODUCT_COLUMNS " from products p where p.slug = $1";
    return tx.find<ProductRow>(reference.is_id() ? by_id : by_slug, reference);
}

std::vector<ProductRow> list_products(store::Tx& tx, const std::vector<std::string>& ids) {
    return tx.list<ProductRow>("select " KONTOR_PRODUCT_COLUMNS " from products p where p.id = any($1)", ids);
}

std::vector<ProductRow> list_products_of_slugs(store::Tx& tx, const std::vector<std::string>& slugs) {
    return tx.list<ProductRow>("select " KONTOR_PRODUCT_COLUMNS " from products p where p.slug = any($1)",
                               slugs);
}

std::vector<SoldRow> list_products_of_skus(store::Tx& tx, const std::vector<std::string>& skus) {
    return tx.list<SoldRow>("select " KONTOR_PRODUCT_COLUMNS
                            ", v.sku from variants v join products p on p.id = v.product_id "
                            "where v.sku = any($1)",
                            skus);
}

#define KONTOR_INSERT_PRODUCT                                                                             \
    "insert into products (id, slug, title, title_key, description, status, brand, attributes, options, " \
    "currency, price_min, price_max, in_stock, created_at, updated_at) "                                  \
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)"

void insert_product(store::Tx& tx, const ProductRow& p, bool in_stock) {
    tx.run(KONTOR_INSERT_PRODUCT, p.id, p.slug, p.title, title_key(p.title), p.description, p.status, p.brand,
           p.attributes, p.options, p.currency, p.price_min, p.price_max, in_stock, p.created_at);
}

bool insert_product_if_slug_free(store::Tx& tx, const ProductRow& p, bool in_stock) {
    return tx.count_changed(KONTOR_INSERT_PRODUCT " on conflict (slug) do nothing", p.id, p.slug, p.title,
                            title_key(p.title), p.description, p.status, p.brand, p.attributes, p.options,
                            p.currency, p.price_min, p.price_max, in_stock, p.created_at) == 1;
}

void update_product(store::Tx& tx, const ProductRow& p) {
    tx.run(
        "update products set slug = $2, title = $3, title_key = $4, description = $5, status = $6, brand = "
        "$7, "
        "attributes = $8, options = $9, currency = $10, price_min = $11, price_max = $12, updated_at = $13 "
        "where id = $1",
        p.id, p.slug, p.title, title_key(p.title), p.description, p.status, p.brand, p.attributes, p.options,
        p.currency, p.price_min, p.price_max, p.updated_at);
}

void delete_product(store::Tx& tx, core::ProductId product) {
    tx.run("delete from variants where product_id = $1", product);
    tx.run("delete from products where id = $1", product);
}

std::vector<VariantRow> list_variants(store::Tx& tx, const std::vector<std::string>& product_ids) {
    return tx.list<VariantRow>(
        "select id, product_id, sku, title, options, price, compare_at_price, weight_grams, position, "
        "on_hand, reserved, "
        "ordered from variants where product_id = any($1) order by product_id, position, id",
        product_ids);
}

std::optional<VariantRow> find_variant(store::Tx& tx, core::ProductId product, core::VariantId variant) {
    return tx.find<VariantRow>(
        "select id, product_id, sku, title, options, price, compare_at_price, weight_grams, position, "
        "on_hand, reserved, "
        "ordered from variants where id = $1 and product_id = $2",
        variant, product);
}

void insert_variant(store::Tx& tx, const VariantRow& v) {
    tx.run(
        "insert into variants (id, product_id, sku, title, options, price, compare_at_price, weight_grams, "
        "position, "
        "on_hand, stock_entry_count) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        v.id, v.product_id, v.sku, v.title, v.options, v.price, v.compare_at_price, v.weight_grams,
        v.position, v.on_hand, v.on_hand > 0);
}

void update_variant(store::Tx& tx, const VariantRow& v) {
    tx.run(
        "update variants set sku = $2, title = $3, options = $4, price = $5, compare_at_price = $6, "
        "weight_grams = $7, "
        "position = $8 where id = $1",
        v.id, v.sku, v.title, v.options, v.price, v.compare_at_price, v.weight_grams, v.position);
}

void delete_variant(store::Tx& tx, core::VariantId variant) {
    tx.run("delete from variants where id = $1", variant);
}

bool lock_variants(store::Tx& tx, core::ProductId product) {
    auto ordered = tx.list<bool>(
        "update variants set ordered = ordered where product_id = $1 returning ordered", product);
    return std::ranges::find(ordered, true) != ordered.end();
}

bool lock_variant(store::Tx& tx, core::VariantId variant) {
    return tx.find<bool>("update variants set ordered = ordered where id = $1 returning ordered", variant)
        .value_or(false);
}

void refresh_in_stock(store::Tx& tx, core::ProductId product) {
    // Two statements: the second begins when the product is ours, and so sees what others did to its variants
    // before they let go of it (PostgreSQL's READ COMMITTED).
    tx.run("update products set in_stock = in_stock where id = $1", product);
    tx.run(
        "update products set in_stock = case when exists (select 1 from variants v where v.product_id = "
        "products.id "
        "and v.on_hand > v.reserved) then 1 else 0 end where id = $1",
        product);
}

std::vector<ProductCategoryRow> list_product_categories(store::Tx& tx,
                                                        const std::vector<std::string>& product_ids) {
    return tx.list<ProductCategoryRow>(
        "select k.product_id, c.id, c.name, c.slug from category_products k join categories c on c.id = "
        "k.category_id "
        "where k.product_id = any($1) and k.direct = 1 order by k.product_id, c.name, c.id",
        product_ids);
}

// A row at a time: where there are few categories PostgreSQL would read all of them to find the places in a
// list.
void insert_category_products(store::Tx& tx, const ProductRow& p, const Places& places) {
    for (const std::string& category : places.all) {
        const bool direct = std::ranges::find(places.direct, category) != places.direct.end();
        tx.run(
            "insert into category_products (product_id, category_id, direct, status, created_at, price_min, "
            "title_key) values ($1, $2, $3, $4, $5, $6, $7)",
            p.id, category, direct, p.status, p.created_at, p.price_min, title_key(p.title));
    }
}

void delete_category_products(store::Tx& tx, core::ProductId product) {
    tx.run("delete from category_products where product_id = $1", product);
}

void update_category_products(store::Tx& tx, const ProductRow& p) {
    tx.run("update category_products set status = $2, price_min = $3, title_key = $4 where product_id = $1",
           p.id, p.status, p.price_min, title_key(p.title));
}

void add_to_product_counts(store::Tx& tx, core::ProductId product, std::int64_t difference) {
    tx.run(
        "update categories set product_count = product_count + $2 "
        "where id in (select category_id from category_products where product_id = $1)",
        product, difference);
}

void add_to_product_counts(store::Tx& tx, const Places& places, std::int64_t difference) {
    for (const std::string& category : places.all)
        tx.run("update categories set product_count = product_count + $2 where id = $1", category,
               difference);
}

std::vector<CategoryStep> list_category_steps(store::Tx& tx, const std::vector<std::string>& category_ids) {
    if (category_ids.empty()) return {};
    return tx.list<CategoryStep>(
        "with recursive above (id, parent_id) as (select id, parent_id from categories where id = any($1) "
        "union select c.id, c.parent_id from categories c join above a on a.parent_id = c.id) "
        "select id, parent_id from above",
        category_ids);
}

void insert_attribute_pairs(store::Tx& tx, core::ProductId product, const std::vector<std::string>& pairs) {
    for (const std::string& pair : pairs) {
        tx.run("insert into product_attributes (pair, product_id) values ($1, $2)", pair, product);
    }
}

void delete_attribute_pairs(store::Tx& tx, core::ProductId product, const std::vector<std::string>& pairs) {
    if (pairs.empty()) return;
    tx.run("delete from product_attributes where pair = any($1) and product_id = $2", pairs, product);
}

}  // namespace catalog::queries
