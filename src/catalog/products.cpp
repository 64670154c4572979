// The rules of making, changing and removing products.
#include "catalog/options.hpp"
#include "catalog/product_rules.hpp"
#include "catalog/product_view.hpp"
#include "catalog/stock_book.hpp"
#include "catalog/variant_rules.hpp"
#include "core/json_write.hpp"

#include <set>

namespace catalog {
namespace {

using queries::ProductRow;
using queries::VariantRow;

constexpr std::size_t slug_suffix_length = 8;

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return lowered;
}

// Inserts under the title's slug or, where that is another product's, under one with a few characters of the
// id.
void insert_with_suggested_slug(store::Tx& tx, ProductRow& row, bool in_stock) {
    const std::string suffix = lower_case(row.id.text().substr(core::ProductId::length - slug_suffix_length));
    const std::string suggested = core::Slug::suggest(row.title);
    row.slug = suggested.empty() ? "product-" + suffix : suggested;
    if (queries::insert_product_if_slug_free(tx, row, in_stock)) return;
    row.slug = core::Slug::suggest(suggested.substr(0, 100) + "-" + suffix);
    queries::insert_product(tx, row, in_stock);
}

core::Result<std::vector<VariantRow>> check_variants(store::Tx& tx, const NewProduct& product,
                                                     core::ProductId id,
                                                     const std::vector<ProductOption>& options) {
    if (product.variants.empty() || product.variants.size() > variants_per_product_max) {
        return core::fail_field("/variants", product.variants.empty() ? "required" : "too_long",
                                "must be 1 to " + std::to_string(variants_per_product_max) + " variants");
    }
    const core::Currency currency = product.variants.front().price.currency;
    std::vector<VariantRow> rows;
    for (std::size_t i = 0; i < product.variants.size(); ++i) {
        const std::string field = "/variants/" + std::to_string(i);
        auto row = check_variant(tx, product.variants[i], id, options, currency, field);
        if (!row) return std::unexpected(std::move(row.error()));
        row->position = static_cast<std::int64_t>(i);
        rows.push_back(std::move(*row));
    }
    if (auto distinct = check_distinct(rows); !distinct) return std::unexpected(std::move(distinct.error()));
    return rows;
}

// Members that can't be cleared: null is an error, not a wish.
template <class... Patches>
core::Result<void> refuse_nulls(const std::pair<const char*, Patches>&... patches) {
    const char* cleared = nullptr;
    ((patches.second.given && !patches.second.value ? void(cleared = patches.first) : void()), ...);
    if (cleared) return core::fail_field("/" + std::string(cleared), "required", "can't be null");
    return {};
}

// Gives variants new option values, and checks that all of them fit the product's options.
core::Result<void> change_variant_options(std::vector<VariantRow>& variants,
                                          const std::vector<ProductOption>& options,
                                          const std::vector<VariantOptions>& changes) {
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const std::string field = "/variants/" + std::to_string(i);
        auto variant = std::ranges::find(variants, changes[i].id, &VariantRow::id);
        if (variant == variants.end()) {
            return core::fail_field(field + "/id", "not_found", "is not a variant of this product");
        }
        auto values = check_variant_options(options, changes[i].options, field + "/options");
        if (!values) return std::unexpected(std::move(values.error()));
        variant->options = core::to_json(*values);
    }
    for (const VariantRow& variant : variants) {
        std::map<std::string, OptionValue> values;
        for (auto& [name, value] : text_map_from_row(variant.options))
            values.emplace(name, OptionValue::trusted(value));
        auto fits = check_variant_options(options, values, "/options");
        if (!fits) {
            core::Error error = std::move(fits.error());
            error.fields.front().message +=
                " (variant " + variant.sku + "; `variants` may give it other values)";
            return std::unexpected(std::move(error));
        }
    }
    return check_distinct(variants);
}

// Members of the patch that are plain columns.
core::Result<void> apply_columns(ProductRow& row, const ProductPatch& patch) {
    auto refused =
        refuse_nulls(std::pair("title", patch.title), std::pair("slug", patch.slug),
                     std::pair("status", patch.status), std::pair("category_ids", patch.category_ids),
                     std::pair("attributes", patch.attributes), std::pair("options", patch.options));
    if (!refused) return refused;
    if (patch.title.given) row.title = patch.title.value->text();
    if (patch.slug.given) row.slug = patch.slug.value->text();
    if (patch.status.given) row.status = *patch.status.value;
    if (patch.description.given)
        row.description = patch.description.value ? patch.description.value->str() : "";
    if (patch.brand.given) {
        row.brand.reset();
        if (patch.brand.value) row.brand = patch.brand.value->str();
    }
    if (patch.attributes.given) {
        auto attributes = check_attributes(*patch.attributes.value);
        if (!attributes) return std::unexpected(std::move(attributes.error()));
        row.attributes = core::to_json(*attributes);
    }
    if (patch.options.given) {
        auto options = check_options(*patch.options.value);
        if (!options) return std::unexpected(std::move(options.error()));
        row.options = core::to_json(*options);
    }
    return {};
}

void delete_rows(store::Tx& tx, const ProductRow& row) {
    if (row.status == ProductStatus::active) queries::add_to_product_counts(tx, row.id, -1);
    queries::delete_attribute_pairs(
        tx, row.id, attribute_pairs(text_map_from_row(row.attributes), options_from_row(row.options)));
    queries::delete_product(tx, row.id);
    tx.append_event("product.deleted", row.id.str(), core::to_json(TextMap{{"slug", row.slug}}));
}

}  // namespace

CategoryParents parents_of_categories(store::Tx& tx, const std::vector<core::CategoryId>& ids) {
    std::vector<std::string> texts;
    for (const core::CategoryId& id : ids)
        texts.push_back(id.str());
    CategoryParents parents;
    for (const queries::CategoryStep& step : queries::list_category_steps(tx, texts))
        parents.emplace(step.id, step.parent_id);
    return parents;
}

core::Result<queries::Places> check_categories(const CategoryParents& parents,
                                               const std::vector<core::CategoryId>& ids) {
    const std::set<core::CategoryId> direct(ids.begin(), ids.end());
    if (direct.size() > categories_per_product_max) {
        return core::fail_field(
            "/category_ids", "too_long",
            "must be at most " + std::to_string(categories_per_product_max) + " categories");
    }
    std::set<core::CategoryId> all;
    for (const core::CategoryId& id : direct) {
        if (!parents.contains(id))
            return core::fail_field("/category_ids", "not_found", "names a category that doesn't exist");
        for (std::optional<core::CategoryId> at = id; at && all.insert(*at).second; at = parents.at(*at)) {
        }
    }
    queries::Places places;
    for (const core::CategoryId& id : direct)
        places.direct.push_back(id.str());
    for (const core::CategoryId& id : all)
        places.all.push_back(id.str());
    return places;
}

void replace_pairs(store::Tx& tx, const ProductRow& before, const ProductRow& after) {
    if (before.attributes == after.attributes && before.options == after.options) return;
    auto pairs_of = [](const ProductRow& row) {
        return attribute_pairs(text_map_from_row(row.attributes), options_from_row(row.options));
    };
    queries::delete_attribute_pairs(tx, before.id, pairs_of(before));
    queries::insert_attribute_pairs(tx, after.id, pairs_of(after));
}

void follow_in_categories(store::Tx& tx, const ProductRow& before, const ProductRow& after,
                          const std::optional<queries::Places>& categories) {
    const bool was_active = before.status == ProductStatus::active;
    const bool is_active = after.status == ProductStatus::active;
    const bool counts_change = categories || was_active != is_active;
    if (counts_change && was_active) queries::add_to_product_counts(tx, after.id, -1);
    if (categories) {
        queries::delete_category_products(tx, after.id);
        queries::insert_category_products(tx, after, *categories);
    } else if (before.status != after.status || before.title != after.title ||
               before.price_min != after.price_min) {
        queries::update_category_products(tx, after);
    }
    if (counts_change && is_active) queries::add_to_product_counts(tx, after.id, 1);
}

core::Result<ProductRow> insert_whole_product(store::Tx& tx, const core::Caller& caller,
                                              const NewProduct& product, const CategoryParents& parents) {
    auto options = check_options(product.options);
    if (!options) return std::unexpected(std::move(options.error()));
    auto attributes = check_attributes(product.attributes);
    if (!attributes) return std::unexpected(std::move(attributes.error()));
    auto places = check_categories(parents, product.category_ids);
    if (!places) return std::unexpected(std::move(places.error()));

    ProductRow row;
    row.id = core::ProductId::at(tx.now());
    auto variants = check_variants(tx, product, row.id, *options);
    if (!variants) return std::unexpected(std::move(variants.error()));
    auto [cheapest, dearest] = std::ranges::minmax(*variants, {}, &VariantRow::price);
    row.title = product.title.text();
    row.description = product.description ? product.description->str() : "";
    row.status = product.status.value_or(ProductStatus::draft);
    if (product.brand) row.brand = product.brand->str();
    row.attributes = core::to_json(*attributes);
    row.options = core::to_json(*options);
    row.currency = product.variants.front().price.currency;
    row.price_min = cheapest.price;
    row.price_max = dearest.price;
    row.created_at = row.updated_at = tx.now();

    const bool in_stock =
        std::ranges::any_of(*variants, [](const VariantRow& variant) { return variant.on_hand > 0; });
    if (product.slug) {
        row.slug = product.slug->text();
        queries::insert_product(tx, row, in_stock);
    } else {
        insert_with_suggested_slug(tx, row, in_stock);
    }
    for (const VariantRow& variant : *variants) {
        queries::insert_variant(tx, variant);
        book_first_stock(tx, caller, variant);
    }
    queries::insert_attribute_pairs(tx, row.id, attribute_pairs(*attributes, *options));
    queries::insert_category_products(tx, row, *places);
    if (row.status == ProductStatus::active) queries::add_to_product_counts(tx, *places, 1);
    tx.append_event("product.created", row.id.str());
    return row;
}

core::Result<Product> create_product(store::Tx& tx, const core::Caller& caller, const NewProduct& product) {
    queries::take_catalog_lock(tx);
    auto row = insert_whole_product(tx, caller, product, parents_of_categories(tx, product.category_ids));
    if (!row) return std::unexpected(std::move(row.error()));
    return std::move(products_of(tx, {std::move(*row)}).front());
}

core::Result<Product> change_product(store::Tx& tx, const core::Caller& caller, const ProductPatch& patch) {
    queries::take_catalog_lock(tx);
    auto before = get_product_row(tx, caller, patch.id);
    if (!before) return std::unexpected(std::move(before.error()));
    ProductRow row = *before;
    if (auto applied = apply_columns(row, patch); !applied)
        return std::unexpected(std::move(applied.error()));

    std::optional<queries::Places> categories;
    if (patch.category_ids.given) {
        const auto& ids = *patch.category_ids.value;
        auto checked = check_categories(parents_of_categories(tx, ids), ids);
        if (!checked) return std::unexpected(std::move(checked.error()));
        categories = std::move(*checked);
    }
    if (row.options != before->options || !patch.variants.empty()) {
        auto variants = queries::list_variants(tx, {row.id.str()});
        auto changed = change_variant_options(variants, options_from_row(row.options), patch.variants);
        if (!changed) return std::unexpected(std::move(changed.error()));
        for (const VariantRow& variant : variants)
            queries::update_variant(tx, variant);
    }
    row.updated_at = tx.now();
    queries::update_product(tx, row);
    replace_pairs(tx, *before, row);
    follow_in_categories(tx, *before, row, categories);
    tx.append_event("product.updated", row.id.str());
    return std::move(products_of(tx, {row}).front());
}

core::Result<void> delete_product(store::Tx& tx, const core::Caller& caller, const ProductAddress& address) {
    queries::take_catalog_lock(tx);
    auto row = get_product_row(tx, caller, address.id);
    if (!row) return std::unexpected(std::move(row.error()));
    if (!queries::lock_variants(tx, row->id)) {
        delete_rows(tx, *row);
        return {};
    }
    ProductPatch archive;
    archive.id = row->id;
    archive.status = {true, ProductStatus::archived};
    auto archived = change_product(tx, caller, archive);
    if (!archived) return std::unexpected(std::move(archived.error()));
    return {};
}

}  // namespace catalog
