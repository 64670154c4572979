#include "catalog/standing.hpp"

#include <set>

namespace catalog {
namespace {

using queries::ProductRow;

template <class Map, class Key>
auto value_or_empty(const Map& map, const Key& key) {
    auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

}  // namespace

Standing::Standing(store::Tx& tx, std::span<const Put> puts) {
    read_known(tx, puts);
    read_named(tx, puts);
    read_sold(tx, puts);
    read_parts(tx);
    read_parents(tx, puts);
}

const ProductRow* Standing::target(const Put& put) const {
    if (put.known) {
        auto known = products_.find(*put.known);
        return known == products_.end() ? nullptr : &known->second;
    }
    const PutProduct& asked = *put.product;
    if (asked.slug) {
        auto named = by_slug_.find(asked.slug->text());
        if (named != by_slug_.end()) return &products_.at(named->second);
    }
    if (!asked.variants.empty()) {
        auto sold = by_sku_.find(asked.variants.front().sku.text());
        if (sold != by_sku_.end()) return &products_.at(sold->second);
    }
    return nullptr;
}

std::vector<queries::VariantRow> Standing::variants(core::ProductId product) const {
    return value_or_empty(variants_, product);
}

std::vector<std::string> Standing::categories(core::ProductId product) const {
    return value_or_empty(categories_, product);
}

void Standing::read_known(store::Tx& tx, std::span<const Put> puts) {
    std::vector<std::string> ids;
    for (const Put& put : puts) {
        if (put.known) ids.push_back(put.known->str());
    }
    if (ids.empty()) return;
    for (ProductRow& row : queries::list_products(tx, ids))
        products_.emplace(row.id, std::move(row));
}

void Standing::read_named(store::Tx& tx, std::span<const Put> puts) {
    std::vector<std::string> slugs;
    for (const Put& put : puts) {
        if (!put.known && put.product->slug) slugs.push_back(put.product->slug->str());
    }
    if (slugs.empty()) return;
    for (ProductRow& row : queries::list_products_of_slugs(tx, slugs)) {
        by_slug_.emplace(row.slug, row.id);
        products_.emplace(row.id, std::move(row));
    }
}

void Standing::read_sold(store::Tx& tx, std::span<const Put> puts) {
    std::vector<std::string> skus;
    for (const Put& put : puts) {
        if (!put.known && !target(put) && !put.product->variants.empty())
            skus.push_back(put.product->variants.front().sku.str());
    }
    if (skus.empty()) return;
    for (queries::SoldRow& row : queries::list_products_of_skus(tx, skus)) {
        by_sku_.emplace(row.sku, row.id);
        products_.emplace(row.id, std::move(row));
    }
}

void Standing::read_parts(store::Tx& tx) {
    if (products_.empty()) return;
    std::vector<std::string> ids;
    for (const auto& [id, product] : products_)
        ids.push_back(id.str());
    for (queries::VariantRow& variant : queries::list_variants(tx, ids))
        variants_[variant.product_id].push_back(std::move(variant));
    for (const queries::ProductCategoryRow& category : queries::list_product_categories(tx, ids))
        categories_[category.product_id].push_back(category.id.str());
    for (auto& [product, categories] : categories_)
        std::ranges::sort(categories);
}

void Standing::read_parents(store::Tx& tx, std::span<const Put> puts) {
    std::set<core::CategoryId> named;
    for (const Put& put : puts) {
        if (put.categories) named.insert(put.categories->begin(), put.categories->end());
    }
    parents_ = parents_of_categories(tx, {named.begin(), named.end()});
}

}  // namespace catalog
