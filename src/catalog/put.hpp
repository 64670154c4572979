// A product as whoever brings many has it: made where it is missing, changed where it differs, left alone
// where it is the same. What isn't given stays as it is, so that a list of SKUs and prices is enough to
// change prices.
#pragma once

#include "catalog/category.hpp"

namespace catalog {

struct PutVariant {
    Sku sku;
    core::Patch<VariantTitle> title;
    std::map<std::string, OptionValue> options;
    std::optional<core::Price> price;  // a new variant needs one
    core::Patch<core::Price> compare_at_price;
    core::Patch<Grams> weight_grams;
    std::optional<Units> on_hand;
};
BOOST_DESCRIBE_STRUCT(PutVariant, (), (sku, title, options, price, compare_at_price, weight_grams, on_hand))

struct PutImage {
    core::Text<1, 2000> url;
    std::optional<core::Text<0, media::alt_length_max>> alt;
};
BOOST_DESCRIBE_STRUCT(PutImage, (), (url, alt))

// It is the product of this slug, else the one that has the SKU of the first variant. Variants are known by
// their SKU; those that aren't named stay. `attributes` are replaced as a whole; values of an option join
// those that it has. Categories are paths ("Kitchen > Kettles", see names_of_path()); they and `images` are
// for the caller to resolve.
struct PutProduct {
    std::optional<core::Slug> slug;
    std::optional<Title> title;  // a new product needs one
    std::optional<Description> description;
    std::optional<ProductStatus> status;
    core::Patch<Brand> brand;
    std::optional<std::vector<core::Text<1, 2000>>> categories;
    std::optional<std::map<std::string, AttributeValue>> attributes;
    std::vector<NewOption> options;
    std::vector<PutVariant> variants;
    std::vector<PutImage> images;
};
BOOST_DESCRIBE_STRUCT(PutProduct, (),
                      (slug, title, description, status, brand, categories, attributes, options, variants,
                       images))

enum class PutOutcome { created, updated, unchanged };

struct PutDone {
    core::ProductId id;
    std::string slug;  // that it has now
    PutOutcome outcome = PutOutcome::unchanged;
};

struct Put {
    const PutProduct* product;
    // What its paths lead to; absent: it stays where it is.
    std::optional<std::vector<core::CategoryId>> categories = {};
    // Which product it is, whatever its slug and SKUs are now; not_found if that is gone.
    std::optional<core::ProductId> known = {};
};

// One after the other, up to the first error: those of create_product and change_product. All in one call
// take fewer round trips to the database than each in its own.
core::Result<std::vector<PutDone>> put_products(store::Tx& tx, const core::Caller& caller,
                                                std::span<const Put> puts);
core::Result<PutDone> put_product(store::Tx& tx, const core::Caller& caller, const Put& put);

// "Kitchen > Kettles" as its names, and back. In a name, `>`, `|` and `\` stand behind a `\`.
std::vector<std::string> names_of_path(std::string_view path);
std::string path_of_names(const std::vector<std::string>& names);

}  // namespace catalog
