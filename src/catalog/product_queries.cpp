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

bool insert_product(store::Tx& tx, const ProductRow& p, bool slug_may_change) {
    constexpr store::Sql insert =
        "insert into products (id, slug, title, title_key, description, status, brand, attributes, options, "
        "currency, "
        "price_min, price_max, in_stock, created_at, updated_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $13)";
    constexpr store::Sql insert_if_free =
        "insert into products (id, slug, title, title_key, description, status, brand, attributes, options, "
        "currency, "
        "price_min, price_max, in_stock, created_at, updated_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $13) on conflict (slug) do "
        "nothing";
    return tx.count_changed(slug_may_change ? insert_if_free : insert, p.id, p.slug, p.title,
                            title_key(p.title), p.description, p.status, p.brand, p.attributes, p.options,
                            p.currency, p.price_min, p.price_max, p.created_at) == 1;
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

std::optional<core::ProductId> find_product_of_sku(store::Tx& tx, std::string_view sku) {
    return tx.find<core::ProductId>("select product_id from variants where sku = $1", sku);
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
        "on_hand) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        v.id, v.product_id, v.sku, v.title, v.options, v.price, v.compare_at_price, v.weight_grams,
        v.position, v.on_hand);
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

void replace_category_products(store::Tx& tx, const ProductRow& p,
                               const std::vector<std::string>& category_ids) {
    tx.run("delete from category_products where product_id = $1", p.id);
    if (category_ids.empty()) return;
    tx.run(
        "with recursive above (id) as (select id from categories where id = any($2) union "
        "select c.parent_id from categories c join above a on a.id = c.id where c.parent_id is not null) "
        "insert into category_products (product_id, category_id, direct, status, created_at, price_min, "
        "title_key) "
        "select p.id, above.id, case when above.id = any($2) then 1 else 0 end, p.status, p.created_at, "
        "p.price_min, "
        "p.title_key from above cross join products p where p.id = $1",
        p.id, category_ids);
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

std::int64_t count_categories(store::Tx& tx, const std::vector<std::string>& category_ids) {
    return tx.get<std::int64_t>("select count(*) from categories where id = any($1)", category_ids);
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
