// What a product is: as it is shown, and as staff send it in. One product has one to a hundred variants, and
// those are what is sold; all of them are priced in one currency.
#pragma once

#include "catalog/reference.hpp"
#include "core/caller.hpp"
#include "core/money.hpp"
#include "core/page.hpp"
#include "core/patch.hpp"
#include "media/media.hpp"
#include "store/tx.hpp"

#include <map>

namespace catalog {

inline constexpr std::size_t variants_per_product_max = 100;  // a page shows them all
inline constexpr std::size_t options_per_product_max = 3;  // size, colour, material: more is another product
inline constexpr std::size_t values_per_option_max = 100;  // as many as variants
inline constexpr std::size_t attributes_per_product_max = 50;  // each is an entry of the filter index
inline constexpr std::size_t categories_per_product_max = 20;  // each is an entry of a category's list
inline constexpr std::int64_t units_max = 1'000'000'000;       // of one variant: sums stay far from 2^53

enum class ProductStatus { draft, active, archived };
BOOST_DESCRIBE_ENUM(ProductStatus, draft, active, archived)

using Title = core::Text<1, 300>;
using Description = core::Text<0, 20'000>;
using Brand = core::Text<1, 100>;
using OptionValue = core::Text<1, 100>;
using AttributeValue = core::Text<1, 500>;
using Sku = core::Text<1, 100>;
using VariantTitle = core::Text<1, 300>;
using Grams = core::Int<0, 1'000'000'000>;
using Units = core::Int<0, units_max>;
using Place = core::Int<0, 1'000'000>;

// As shown.

struct ProductOption {
    std::string name;
    std::vector<std::string> values;

    friend bool operator==(const ProductOption&, const ProductOption&) = default;
};
BOOST_DESCRIBE_STRUCT(ProductOption, (), (name, values))

struct StockLevel {
    std::int64_t on_hand = 0;
    std::int64_t reserved = 0;
    std::int64_t available = 0;  // on_hand − reserved
};
BOOST_DESCRIBE_STRUCT(StockLevel, (), (on_hand, reserved, available))

struct Variant {
    core::VariantId id;
    std::string sku;
    std::string title;  // its own, else its option values, else the product's
    std::map<std::string, std::string> options;
    core::Price price;
    std::optional<core::Price> compare_at_price;
    std::optional<std::int64_t> weight_grams;
    StockLevel stock;
    std::int64_t position = 0;
};
BOOST_DESCRIBE_STRUCT(Variant, (),
                      (id, sku, title, options, price, compare_at_price, weight_grams, stock, position))

struct CategoryLink {
    core::CategoryId id;
    std::string name;
    std::string slug;
};
BOOST_DESCRIBE_STRUCT(CategoryLink, (), (id, name, slug))

struct PriceRange {
    core::Price min;
    core::Price max;
};
BOOST_DESCRIBE_STRUCT(PriceRange, (), (min, max))

struct Product {
    core::ProductId id;
    std::string slug;
    std::string title;
    std::string description;
    ProductStatus status = ProductStatus::draft;
    std::optional<std::string> brand;
    std::vector<core::CategoryId> category_ids;
    std::vector<CategoryLink> categories;
    std::map<std::string, std::string> attributes;
    std::vector<ProductOption> options;
    std::vector<Variant> variants;
    std::vector<media::Image> images;
    PriceRange price_range;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Product, (),
                      (id, slug, title, description, status, brand, category_ids, categories, attributes,
                       options, variants, images, price_range, created_at, updated_at))

// As sent in.

struct NewOption {
    core::Text<1, 50> name;
    std::vector<OptionValue> values;
};
BOOST_DESCRIBE_STRUCT(NewOption, (), (name, values))

struct NewVariant {
    Sku sku;
    std::optional<VariantTitle> title;
    std::map<std::string, OptionValue> options;  // one value for each option of the product
    core::Price price;
    core::Patch<core::Price> compare_at_price;
    std::optional<Grams> weight_grams;
    std::optional<Units> on_hand;
};
BOOST_DESCRIBE_STRUCT(NewVariant, (), (sku, title, options, price, compare_at_price, weight_grams, on_hand))

struct NewProduct {
    Title title;
    std::optional<core::Slug> slug;  // else suggested by the title
    std::optional<Description> description;
    std::optional<ProductStatus> status;  // else draft
    std::optional<Brand> brand;
    std::vector<core::CategoryId> category_ids;
    std::map<std::string, AttributeValue> attributes;
    std::vector<NewOption> options;
    std::vector<NewVariant> variants;
};
BOOST_DESCRIBE_STRUCT(NewProduct, (),
                      (title, slug, description, status, brand, category_ids, attributes, options, variants))

// The option values that a variant has from now on.
struct VariantOptions {
    core::VariantId id;
    std::map<std::string, OptionValue> options;
};
BOOST_DESCRIBE_STRUCT(VariantOptions, (), (id, options))

// Lists and maps are replaced as a whole. When `options` change, `variants` says what each variant's values
// become.
struct ProductPatch {
    ProductReference id;
    core::Patch<Title> title;
    core::Patch<core::Slug> slug;
    core::Patch<Description> description;
    core::Patch<ProductStatus> status;
    core::Patch<Brand> brand;
    core::Patch<std::vector<core::CategoryId>> category_ids;
    core::Patch<std::map<std::string, AttributeValue>> attributes;
    core::Patch<std::vector<NewOption>> options;
    std::vector<VariantOptions> variants;
};
BOOST_DESCRIBE_STRUCT(ProductPatch, (),
                      (id, title, slug, description, status, brand, category_ids, attributes, options,
                       variants))

struct AddedVariant : NewVariant {
    ProductReference id;
};
BOOST_DESCRIBE_STRUCT(AddedVariant, (NewVariant), (id))

struct VariantPatch {
    ProductReference id;
    core::VariantId variant_id;
    core::Patch<Sku> sku;
    core::Patch<VariantTitle> title;
    core::Patch<std::map<std::string, OptionValue>> options;
    core::Patch<core::Price> price;
    core::Patch<core::Price> compare_at_price;
    core::Patch<Grams> weight_grams;
    core::Patch<Place> position;
};
BOOST_DESCRIBE_STRUCT(VariantPatch, (),
                      (id, variant_id, sku, title, options, price, compare_at_price, weight_grams, position))

struct VariantAddress {
    ProductReference id;
    core::VariantId variant_id;
};
BOOST_DESCRIBE_STRUCT(VariantAddress, (), (id, variant_id))

struct VariantRef {
    core::VariantId id;
};
BOOST_DESCRIBE_STRUCT(VariantRef, (), (id))

struct ProductAddress {
    ProductReference id;
};
BOOST_DESCRIBE_STRUCT(ProductAddress, (), (id))

// The order of a list, as the `sort` parameter spells it.
class ProductSort {
public:
    // A list that nobody searched has no relevance: it is the newest then.
    enum class Key { newest, oldest, cheapest, dearest, title, relevance };

    static core::Checked<ProductSort> from_text(std::string_view text);
    std::string_view text() const;
    Key key() const { return key_; }
    static boost::json::object schema();

private:
    Key key_ = Key::newest;
};

struct ProductQuery {
    std::optional<CategoryReference> category;  // and everything below it
    std::optional<Brand> brand;
    std::optional<core::Int<0, core::amount_max>>
        price_min;  // minor units; the lowest price of a product counts
    std::optional<core::Int<0, core::amount_max>> price_max;
    std::optional<bool> in_stock;
    std::map<std::string, AttributeValue> attributes;  // attributes or options: attributes[Color]=Red
    std::optional<ProductStatus> status;               // staff only
    std::optional<ProductSort> sort;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(ProductQuery, (),
                      (category, brand, price_min, price_max, in_stock, attributes, status, sort, limit,
                       cursor))

core::Result<Product> get_product(store::Tx& tx, const core::Caller& caller, const ProductAddress& address);
core::Result<core::List<Product>> list_products(store::Tx& tx, const core::Caller& caller,
                                                const ProductQuery& query);

core::Result<Product> create_product(store::Tx& tx, const core::Caller& caller, const NewProduct& product);
core::Result<Product> change_product(store::Tx& tx, const core::Caller& caller, const ProductPatch& patch);
// One that was ordered is archived instead: orders, and the ledger behind them, go on naming its variants.
core::Result<void> delete_product(store::Tx& tx, const core::Caller& caller, const ProductAddress& address);

core::Result<Variant> add_variant(store::Tx& tx, const core::Caller& caller, const AddedVariant& variant);
core::Result<Variant> get_variant(store::Tx& tx, const core::Caller& caller, const VariantRef& ref);
// The same as its product shows it, to those who may see that.
core::Result<Variant> get_product_variant(store::Tx& tx, const core::Caller& caller,
                                          const VariantAddress& address);
core::Result<Variant> change_variant(store::Tx& tx, const core::Caller& caller, const VariantPatch& patch);
// 409 product_ordered if it was ordered, conflict if it is the last one.
core::Result<void> delete_variant(store::Tx& tx, const core::Caller& caller, const VariantAddress& address);

}  // namespace catalog
