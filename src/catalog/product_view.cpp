#include "catalog/product_view.hpp"

#include "catalog/catalog.hpp"
#include "catalog/options.hpp"

namespace catalog {
namespace {

Product without_parts(const queries::ProductRow& row) {
    Product product;
    product.id = row.id;
    product.slug = row.slug;
    product.title = row.title;
    product.description = row.description;
    product.status = row.status;
    product.brand = row.brand;
    product.attributes = text_map_from_row(row.attributes);
    product.options = options_from_row(row.options);
    product.price_range = {{row.price_min, row.currency}, {row.price_max, row.currency}};
    product.created_at = row.created_at;
    product.updated_at = row.updated_at;
    return product;
}

}  // namespace

Variant variant_of(const queries::VariantRow& row, const queries::ProductRow& product,
                   const std::vector<ProductOption>& options) {
    Variant variant;
    variant.id = row.id;
    variant.sku = row.sku;
    variant.options = text_map_from_row(row.options);
    variant.title = row.title ? *row.title : joined_values(options, variant.options);
    if (variant.title.empty()) variant.title = product.title;
    variant.price = {row.price, product.currency};
    if (row.compare_at_price) variant.compare_at_price = core::Price{*row.compare_at_price, product.currency};
    variant.weight_grams = row.weight_grams;
    variant.stock = {row.on_hand, row.reserved, row.on_hand - row.reserved};
    variant.position = row.position;
    return variant;
}

std::vector<Product> products_of(store::Tx& tx, const std::vector<queries::ProductRow>& rows) {
    std::vector<Product> products;
    if (rows.empty()) return products;
    std::vector<std::string> ids;
    std::map<core::ProductId, std::size_t> places;
    for (const queries::ProductRow& row : rows) {
        places.emplace(row.id, products.size());
        ids.push_back(row.id.str());
        products.push_back(without_parts(row));
    }
    for (const queries::VariantRow& variant : queries::list_variants(tx, ids)) {
        std::size_t place = places.at(variant.product_id);
        products[place].variants.push_back(variant_of(variant, rows[place], products[place].options));
    }
    for (queries::ProductCategoryRow& category : queries::list_product_categories(tx, ids)) {
        Product& product = products[places.at(category.product_id)];
        product.category_ids.push_back(category.id);
        product.categories.push_back({category.id, std::move(category.name), std::move(category.slug)});
    }
    for (auto& [id, images] : media::list_images(tx, ids))
        products[places.at(id)].images = std::move(images);
    return products;
}

std::vector<Product> list_products_by_id(store::Tx& tx, const core::Caller& caller,
                                         const std::vector<std::string>& ids) {
    std::map<std::string_view, queries::ProductRow> found;
    for (queries::ProductRow& row : queries::list_products(tx, ids)) {
        if (row.status != ProductStatus::active && !sees_all(caller)) continue;
        auto asked = std::ranges::find(ids, row.id.text());
        found.emplace(*asked, std::move(row));
    }
    std::vector<queries::ProductRow> rows;
    for (const std::string& id : ids) {
        if (auto row = found.extract(id)) rows.push_back(std::move(row.mapped()));
    }
    return products_of(tx, rows);
}

std::vector<std::string> attribute_pairs(const Product& product) {
    return attribute_pairs(product.attributes, product.options);
}

core::Result<queries::ProductRow> get_product_row(store::Tx& tx, const core::Caller& caller,
                                                  const ProductReference& reference) {
    auto row = queries::find_product(tx, reference);
    // SE-12: what is not for sale looks to the public like what doesn't exist.
    if (!row || (row->status != ProductStatus::active && !sees_all(caller)))
        return core::not_found("product");
    return std::move(*row);
}

core::Result<Product> get_product(store::Tx& tx, const core::Caller& caller, const ProductAddress& address) {
    auto row = get_product_row(tx, caller, address.id);
    if (!row) return std::unexpected(std::move(row.error()));
    return std::move(products_of(tx, {std::move(*row)}).front());
}

}  // namespace catalog
