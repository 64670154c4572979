// The SQL of products and variants, and their rows. Only for this folder's own .cpp files.
#pragma once

#include "catalog/product.hpp"

namespace catalog::queries {

struct ProductRow {
    core::ProductId id;
    std::string slug;
    std::string title;
    std::string description;
    ProductStatus status = ProductStatus::draft;
    std::optional<std::string> brand;
    std::string attributes;  // {"name": "value"}
    std::string options;     // [{"name", "values"}]
    core::Currency currency;
    std::int64_t price_min = 0;
    std::int64_t price_max = 0;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(ProductRow, (),
                      (id, slug, title, description, status, brand, attributes, options, currency, price_min,
                       price_max, created_at, updated_at))

// The columns of a ProductRow, for statements that select from products as p.
#define KONTOR_PRODUCT_COLUMNS                                                                       \
    "p.id, p.slug, p.title, p.description, p.status, p.brand, p.attributes, p.options, p.currency, " \
    "p.price_min, p.price_max, p.created_at, p.updated_at"

// A product by one of the articles that it sells.
struct SoldRow : ProductRow {
    std::string sku;
};
BOOST_DESCRIBE_STRUCT(SoldRow, (ProductRow), (sku))

struct VariantRow {
    core::VariantId id;
    core::ProductId product_id;
    std::string sku;
    std::optional<std::string> title;
    std::string options;  // {"name": "value"}
    std::int64_t price = 0;
    std::optional<std::int64_t> compare_at_price;
    std::optional<std::int64_t> weight_grams;
    std::int64_t position = 0;
    std::int64_t on_hand = 0;
    std::int64_t reserved = 0;
    bool ordered = false;
};
BOOST_DESCRIBE_STRUCT(VariantRow, (),
                      (id, product_id, sku, title, options, price, compare_at_price, weight_grams, position,
                       on_hand, reserved, ordered))

struct ProductCategoryRow {
    core::ProductId product_id;
    core::CategoryId id;
    std::string name;
    std::string slug;
};
BOOST_DESCRIBE_STRUCT(ProductCategoryRow, (), (product_id, id, name, slug))

// A category and the one that it stands in.
struct CategoryStep {
    core::CategoryId id;
    std::optional<core::CategoryId> parent_id;
};
BOOST_DESCRIBE_STRUCT(CategoryStep, (), (id, parent_id))

// Where a product stands, by ids.
struct Places {
    std::vector<std::string> direct;  // the categories that it was put into
    std::vector<std::string> all;     // these and their ancestors
};

// What titles are sorted by: without case (ASCII), cut to a length that fits a cursor.
std::string title_key(std::string_view title);

// Staff changes of the catalogue happen one after the other: whoever takes this has it until the commit.
void take_catalog_lock(store::Tx& tx);

std::optional<ProductRow> find_product(store::Tx& tx, const ProductReference& reference);
// In no order; those that don't exist are left out.
std::vector<ProductRow> list_products(store::Tx& tx, const std::vector<std::string>& ids);
std::vector<ProductRow> list_products_of_slugs(store::Tx& tx, const std::vector<std::string>& slugs);
std::vector<SoldRow> list_products_of_skus(store::Tx& tx, const std::vector<std::string>& skus);
// A slug that is another product's fails the transaction.
void insert_product(store::Tx& tx, const ProductRow& product, bool in_stock);
// False if the slug is another product's.
bool insert_product_if_slug_free(store::Tx& tx, const ProductRow& product, bool in_stock);
void update_product(store::Tx& tx, const ProductRow& product);
void delete_product(store::Tx& tx, core::ProductId product);

// By product, each in the order of position.
std::vector<VariantRow> list_variants(store::Tx& tx, const std::vector<std::string>& product_ids);
std::optional<VariantRow> find_variant(store::Tx& tx, core::ProductId product, core::VariantId variant);
// Counts the entry of its opening stock too, if it has any (book_first_stock).
void insert_variant(store::Tx& tx, const VariantRow& variant);
void update_variant(store::Tx& tx, const VariantRow& variant);  // all but its stock
void delete_variant(store::Tx& tx, core::VariantId variant);
// Holds a product's variants until the commit, so that nobody orders one meanwhile. True if one ever was
// ordered.
bool lock_variants(store::Tx& tx, core::ProductId product);
bool lock_variant(store::Tx& tx, core::VariantId variant);

// Writes in_stock of a product anew, out of its variants. Call after the last change of a variant.
void refresh_in_stock(store::Tx& tx, core::ProductId product);

// The categories products were put into, by name.
std::vector<ProductCategoryRow> list_product_categories(store::Tx& tx,
                                                        const std::vector<std::string>& product_ids);

void insert_category_products(store::Tx& tx, const ProductRow& product, const Places& places);
void delete_category_products(store::Tx& tx, core::ProductId product);
// Brings the sort columns of a product's category rows up to date.
void update_category_products(store::Tx& tx, const ProductRow& product);
// Adds `difference` to the product_count of all categories a product stands in.
void add_to_product_counts(store::Tx& tx, core::ProductId product, std::int64_t difference);
void add_to_product_counts(store::Tx& tx, const Places& places, std::int64_t difference);
// These categories and all above them, in no order; those that don't exist are left out.
std::vector<CategoryStep> list_category_steps(store::Tx& tx, const std::vector<std::string>& category_ids);

void insert_attribute_pairs(store::Tx& tx, core::ProductId product, const std::vector<std::string>& pairs);
void delete_attribute_pairs(store::Tx& tx, core::ProductId product, const std::vector<std::string>& pairs);

}  // namespace catalog::queries
