// The rules of adding, changing and removing one variant of a product.
#include "catalog/options.hpp"
#include "catalog/product_view.hpp"
#include "catalog/stock_book.hpp"
#include "catalog/variant_rules.hpp"
#include "core/json_write.hpp"

#include <set>

namespace catalog {
namespace {

using queries::ProductRow;
using queries::VariantRow;

// Prices of the product follow its variants; what clients see of it has changed.
void update_prices(store::Tx& tx, ProductRow product, const std::vector<VariantRow>& variants) {
    auto [cheapest, dearest] = std::ranges::minmax(variants, {}, &VariantRow::price);
    const bool sorts_elsewhere = product.price_min != cheapest.price;
    product.price_min = cheapest.price;
    product.price_max = dearest.price;
    product.updated_at = tx.now();
    queries::update_product(tx, product);
    if (sorts_elsewhere) queries::update_category_products(tx, product);
    tx.append_event("product.updated", product.id.str());
}

core::Result<void> apply_patch(VariantRow& row, const VariantPatch& patch, const ProductRow& product) {
    for (auto [name, cleared] : {std::pair("/sku", patch.sku.given && !patch.sku.value),
                                 std::pair("/options", patch.options.given && !patch.options.value),
                                 std::pair("/price", patch.price.given && !patch.price.value),
                                 std::pair("/position", patch.position.given && !patch.position.value)}) {
        if (cleared) return core::fail_field(name, "required", "can't be null");
    }
    if (patch.sku.given) row.sku = patch.sku.value->text();
    if (patch.position.given) row.position = *patch.position.value;
    if (patch.title.given) {
        row.title.reset();
        if (patch.title.value) row.title = patch.title.value->str();
    }
    if (patch.weight_grams.given) {
        row.weight_grams.reset();
        if (patch.weight_grams.value) row.weight_grams = *patch.weight_grams.value;
    }
    if (patch.options.given) {
        auto values =
            check_variant_options(options_from_row(product.options), *patch.options.value, "/options");
        if (!values) return std::unexpected(std::move(values.error()));
        row.options = core::to_json(*values);
    }
    if (patch.price.given) {
        auto fits = check_currency(*patch.price.value, product.currency, "/price");
        if (!fits) return fits;
        row.price = patch.price.value->amount;
    }
    if (patch.compare_at_price.given) {
        row.compare_at_price.reset();
        if (patch.compare_at_price.value) {
            auto fits = check_currency(*patch.compare_at_price.value, product.currency, "/compare_at_price");
            if (!fits) return fits;
            row.compare_at_price = patch.compare_at_price.value->amount;
        }
    }
    return {};
}

}  // namespace

core::Result<void> check_currency(const core::Price& price, core::Currency currency,
                                  const std::string& field) {
    if (price.currency == currency) return {};
    return core::fail_field(
        field + "/currency", "currency_mismatch",
        "must be " + std::string(currency.text()) + " as in the other prices of this product");
}

core::Result<void> check_distinct(const std::vector<VariantRow>& variants) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        if (!seen.insert(variants[i].options).second) {
            return core::fail_field("/variants/" + std::to_string(i) + "/options", "duplicate",
                                    "are those of another variant of this product");
        }
    }
    return {};
}

core::Result<VariantRow> check_variant(store::Tx& tx, const NewVariant& variant, core::ProductId product,
                                       const std::vector<ProductOption>& options, core::Currency currency,
                                       const std::string& field) {
    auto values = check_variant_options(options, variant.options, field + "/options");
    if (!values) return std::unexpected(std::move(values.error()));
    auto fits = check_currency(variant.price, currency, field + "/price");
    if (!fits) return std::unexpected(std::move(fits.error()));

    VariantRow row;
    row.id = core::VariantId::at(tx.now());
    row.product_id = product;
    row.sku = variant.sku.text();
    if (variant.title) row.title = variant.title->str();
    row.options = core::to_json(*values);
    row.price = variant.price.amount;
    if (variant.compare_at_price.value) {
        fits = check_currency(*variant.compare_at_price.value, currency, field + "/compare_at_price");
        if (!fits) return std::unexpected(std::move(fits.error()));
        row.compare_at_price = variant.compare_at_price.value->amount;
    }
    if (variant.weight_grams) row.weight_grams = *variant.weight_grams;
    row.on_hand = variant.on_hand.value_or(Units(0));
    return row;
}

core::Result<Variant> add_variant(store::Tx& tx, const core::Caller& caller, const AddedVariant& added) {
    queries::take_catalog_lock(tx);
    auto product = get_product_row(tx, caller, added.id);
    if (!product) return std::unexpected(std::move(product.error()));
    auto variants = queries::list_variants(tx, {product->id.str()});
    if (variants.size() >= variants_per_product_max) {
        return core::fail(core::ErrorCode::conflict,
                          "A product has at most " + std::to_string(variants_per_product_max) + " variants.");
    }
    const auto options = options_from_row(product->options);
    auto row = check_variant(tx, added, product->id, options, product->currency, "");
    if (!row) return std::unexpected(std::move(row.error()));
    for (const VariantRow& other : variants) {
        if (other.options == row->options) {
            return core::fail_field("/options", "duplicate", "are those of another variant of this product");
        }
        row->position = std::max(row->position, other.position + 1);
    }
    queries::insert_variant(tx, *row);
    book_first_stock(tx, caller, *row);
    queries::refresh_in_stock(tx, product->id);
    variants.push_back(*row);
    update_prices(tx, *product, variants);
    return variant_of(*row, *product, options);
}

core::Result<Variant> get_product_variant(store::Tx& tx, const core::Caller& caller,
                                          const VariantAddress& address) {
    auto product = get_product(tx, caller, {address.id});
    if (!product) return std::unexpected(std::move(product.error()));
    auto variant = std::ranges::find(product->variants, address.variant_id, &Variant::id);
    if (variant == product->variants.end()) return core::not_found("variant");
    return std::move(*variant);
}

core::Result<Variant> get_variant(store::Tx& tx, const core::Caller&, const VariantRef& ref) {
    auto product_id = tx.find<core::ProductId>("select product_id from variants where id = $1", ref.id);
    if (!product_id) return core::not_found("variant");
    const auto product = queries::list_products(tx, {product_id->str()}).at(0);
    const auto row = queries::find_variant(tx, *product_id, ref.id).value();
    return variant_of(row, product, options_from_row(product.options));
}

core::Result<Variant> change_variant(store::Tx& tx, const core::Caller& caller, const VariantPatch& patch) {
    queries::take_catalog_lock(tx);
    auto product = get_product_row(tx, caller, patch.id);
    if (!product) return std::unexpected(std::move(product.error()));
    auto variants = queries::list_variants(tx, {product->id.str()});
    auto row = std::ranges::find(variants, patch.variant_id, &VariantRow::id);
    if (row == variants.end()) return core::not_found("variant");
    if (auto applied = apply_patch(*row, patch, *product); !applied)
        return std::unexpected(std::move(applied.error()));
    for (const VariantRow& other : variants) {
        if (other.id != row->id && other.options == row->options) {
            return core::fail_field("/options", "duplicate", "are those of another variant of this product");
        }
    }
    queries::update_variant(tx, *row);
    update_prices(tx, *product, variants);
    return variant_of(*row, *product, options_from_row(product->options));
}

core::Result<void> delete_variant(store::Tx& tx, const core::Caller& caller, const VariantAddress& address) {
    queries::take_catalog_lock(tx);
    auto product = get_product_row(tx, caller, address.id);
    if (!product) return std::unexpected(std::move(product.error()));
    auto variants = queries::list_variants(tx, {product->id.str()});
    auto row = std::ranges::find(variants, address.variant_id, &VariantRow::id);
    if (row == variants.end()) return core::not_found("variant");
    if (variants.size() == 1) {
        return core::fail(core::ErrorCode::conflict,
                          "A product keeps at least one variant. Delete the product instead.");
    }
    if (queries::lock_variant(tx, row->id)) {
        return core::fail(
            core::ErrorCode::product_ordered,
            "This variant was ordered and stays on record. Set its stock to 0 to stop selling it.");
    }
    queries::delete_variant(tx, row->id);
    variants.erase(row);
    queries::refresh_in_stock(tx, product->id);
    update_prices(tx, *product, variants);
    return {};
}

}  // namespace catalog
