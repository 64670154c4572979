#include "catalog/put.hpp"

#include "catalog/options.hpp"
#include "catalog/product_rules.hpp"
#include "catalog/standing.hpp"
#include "catalog/stock_book.hpp"
#include "catalog/variant_rules.hpp"
#include "core/json_write.hpp"

#include <set>

namespace catalog {
namespace {

using queries::ProductRow;
using queries::VariantRow;

std::string field_of(std::size_t variant) {
    return "/variants/" + std::to_string(variant);
}

core::Result<NewVariant> new_variant(const PutVariant& put, const std::string& field) {
    if (!put.price) return core::fail_field(field + "/price", "required", "is required of a new variant");
    NewVariant variant;
    variant.sku = put.sku;
    variant.title = put.title.value;
    variant.options = put.options;
    variant.price = *put.price;
    variant.compare_at_price = put.compare_at_price;
    variant.weight_grams = put.weight_grams.value;
    variant.on_hand = put.on_hand;
    return variant;
}

core::Result<PutDone> make(store::Tx& tx, const core::Caller& caller, const PutProduct& put,
                           const std::optional<std::vector<core::CategoryId>>& categories,
                           const CategoryParents& parents) {
    if (!put.title) return core::fail_field("/title", "required", "is required of a new product");
    NewProduct product;
    product.title = *put.title;
    product.slug = put.slug;
    product.description = put.description;
    product.status = put.status;
    product.brand = put.brand.value;
    product.category_ids = categories.value_or(std::vector<core::CategoryId>{});
    product.attributes = put.attributes.value_or(std::map<std::string, AttributeValue>{});
    product.options = put.options;
    for (std::size_t i = 0; i < put.variants.size(); ++i) {
        auto variant = new_variant(put.variants[i], field_of(i));
        if (!variant) return std::unexpected(std::move(variant.error()));
        product.variants.push_back(std::move(*variant));
    }
    auto row = insert_whole_product(tx, caller, product, parents);
    if (!row) return std::unexpected(std::move(row.error()));
    return PutDone{row->id, std::move(row->slug), PutOutcome::created};
}

// The options as they are asked for, each with the values that it had before in front.
core::Result<std::vector<ProductOption>> joined_options(const std::vector<ProductOption>& before,
                                                        const std::vector<NewOption>& asked) {
    if (asked.empty()) return before;
    auto options = check_options(asked);
    if (!options) return options;
    for (ProductOption& option : *options) {
        auto known = std::ranges::find(before, option.name, &ProductOption::name);
        if (known == before.end()) continue;
        std::vector<std::string> values = known->values;
        for (std::string& value : option.values) {
            if (std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
        }
        option.values = std::move(values);
    }
    return options;
}

// What an existing product becomes: gathered first, written only where it differs.
class Change {
public:
    Change(store::Tx& tx, const core::Caller& caller, const ProductRow& before, const Standing& standing)
        : tx_(tx),
          caller_(caller),
          before_(before),
          standing_(standing),
          row_(before),
          variants_(standing.variants(before.id)) {}

    core::Result<PutDone> run(const PutProduct& put,
                              const std::optional<std::vector<core::CategoryId>>& categories) {
        if (auto done = take_columns(put); !done) return std::unexpected(std::move(done.error()));
        if (auto done = take_variants(put); !done) return std::unexpected(std::move(done.error()));
        if (categories) {
            auto checked = check_categories(standing_.parents(), *categories);
            if (!checked) return std::unexpected(std::move(checked.error()));
            if (checked->direct != standing_.categories(row_.id)) categories_ = std::move(*checked);
        }
        if (auto done = write(); !done) return std::unexpected(std::move(done.error()));
        return PutDone{row_.id, row_.slug, changed_ ? PutOutcome::updated : PutOutcome::unchanged};
    }

private:
    core::Result<void> take_columns(const PutProduct& put) {
        if (put.slug) row_.slug = put.slug->text();
        if (put.title) row_.title = put.title->text();
        if (put.description) row_.description = put.description->str();
        if (put.status) row_.status = *put.status;
        if (put.brand.given) {
            row_.brand.reset();
            if (put.brand.value) row_.brand = put.brand.value->str();
        }
        if (put.attributes) {
            auto attributes = check_attributes(*put.attributes);
            if (!attributes) return std::unexpected(std::move(attributes.error()));
            row_.attributes = core::to_json(*attributes);
        }
        auto options = joined_options(options_from_row(row_.options), put.options);
        if (!options) return std::unexpected(std::move(options.error()));
        options_ = std::move(*options);
        if (options_ != options_from_row(row_.options)) row_.options = core::to_json(options_);
        return {};
    }

    core::Result<void> take_variants(const PutProduct& put) {
        for (const PutVariant& variant : put.variants) {
            if (variant.price) row_.currency = variant.price->currency;
        }
        for (std::size_t i = 0; i < put.variants.size(); ++i) {
            auto known = std::ranges::find(variants_, put.variants[i].sku.text(), &VariantRow::sku);
            auto taken = known == variants_.end() ? add(put.variants[i], field_of(i))
                                                  : change(*known, put.variants[i], field_of(i));
            if (!taken) return taken;
        }
        if (variants_.size() > variants_per_product_max) {
            return core::fail_field("/variants", "too_long",
                                    "would become more than " + std::to_string(variants_per_product_max));
        }
        if (auto distinct = check_distinct(variants_); !distinct) return distinct;
        return check_those_not_named(put);
    }

    core::Result<void> add(const PutVariant& put, const std::string& field) {
        auto variant = new_variant(put, field);
        if (!variant) return std::unexpected(std::move(variant.error()));
        auto row = check_variant(tx_, *variant, row_.id, options_, row_.currency, field);
        if (!row) return std::unexpected(std::move(row.error()));
        for (const VariantRow& other : variants_)
            row->position = std::max(row->position, other.position + 1);
        variants_.push_back(*row);
        added_.push_back(std::move(*row));
        return {};
    }

    core::Result<void> change(VariantRow& row, const PutVariant& put, const std::string& field) {
        const VariantRow before = row;
        if (!put.options.empty()) {
            auto values = check_variant_options(options_, put.options, field + "/options");
            if (!values) return std::unexpected(std::move(values.error()));
            row.options = core::to_json(*values);
        }
        if (put.title.given) {
            row.title.reset();
            if (put.title.value) row.title = put.title.value->str();
        }
        if (put.weight_grams.given) {
            row.weight_grams.reset();
            if (put.weight_grams.value) row.weight_grams = *put.weight_grams.value;
        }
        if (auto done = take_prices(row, put, field); !done) return done;
        if (put.on_hand && *put.on_hand != row.on_hand) stock_.emplace_back(row.id, *put.on_hand);
        const bool same = before.options == row.options && before.title == row.title &&
                          before.price == row.price && before.compare_at_price == row.compare_at_price &&
                          before.weight_grams == row.weight_grams;
        if (!same) rewritten_.push_back(row);
        return {};
    }

    core::Result<void> take_prices(VariantRow& row, const PutVariant& put, const std::string& field) {
        if (put.price) {
            auto fits = check_currency(*put.price, row_.currency, field + "/price");
            if (!fits) return fits;
            row.price = put.price->amount;
        }
        if (put.compare_at_price.given) {
            row.compare_at_price.reset();
            if (const auto& price = put.compare_at_price.value) {
                auto fits = check_currency(*price, row_.currency, field + "/compare_at_price");
                if (!fits) return fits;
                row.compare_at_price = price->amount;
            }
        }
        return {};
    }

    // Options and currency are the product's: what changes them has to name every variant.
    core::Result<void> check_those_not_named(const PutProduct& put) {
        for (const VariantRow& variant : variants_) {
            auto named =
                std::ranges::find(put.variants, variant.sku,
                                  [](const PutVariant& v) -> const std::string& { return v.sku.str(); });
            const bool priced = named != put.variants.end() && named->price;
            if (!priced && row_.currency != before_.currency) {
                return core::fail_field("/variants", "currency_mismatch",
                                        "must price " + variant.sku + " too, as the currency changes");
            }
            std::map<std::string, OptionValue> values;
            for (auto& [name, value] : text_map_from_row(variant.options))
                values.emplace(name, OptionValue::trusted(value));
            auto fits = check_variant_options(options_, values, "/variants");
            if (!fits) {
                fits.error().fields.front().message += " (variant " + variant.sku + ")";
                return std::unexpected(std::move(fits.error()));
            }
        }
        return {};
    }

    bool columns_differ() const {
        return row_.slug != before_.slug || row_.title != before_.title ||
               row_.description != before_.description || row_.status != before_.status ||
               row_.brand != before_.brand || row_.attributes != before_.attributes ||
               row_.options != before_.options || row_.currency != before_.currency;
    }

    core::Result<void> write() {
        const bool shape_changes = columns_differ() || categories_ || !rewritten_.empty() || !added_.empty();
        changed_ = shape_changes || !stock_.empty();
        for (const VariantRow& variant : rewritten_)
            queries::update_variant(tx_, variant);
        for (const VariantRow& variant : added_) {
            queries::insert_variant(tx_, variant);
            book_first_stock(tx_, caller_, variant);
        }
        if (shape_changes) {
            auto [cheapest, dearest] = std::ranges::minmax(variants_, {}, &VariantRow::price);
            row_.price_min = cheapest.price;
            row_.price_max = dearest.price;
            row_.updated_at = tx_.now();
            queries::update_product(tx_, row_);
            replace_pairs(tx_, before_, row_);
            follow_in_categories(tx_, before_, row_, categories_);
            tx_.append_event("product.updated", row_.id.str());
        }
        for (const auto& [variant, on_hand] : stock_) {
            auto put = put_on_hand(tx_, caller_, variant, on_hand, StockEntryKind::import);
            if (!put) return std::unexpected(std::move(put.error()));
        }
        if (!added_.empty()) queries::refresh_in_stock(tx_, row_.id);
        return {};
    }

    store::Tx& tx_;
    const core::Caller& caller_;
    const ProductRow& before_;
    const Standing& standing_;
    ProductRow row_;
    std::vector<ProductOption> options_;
    std::vector<VariantRow> variants_;
    std::vector<VariantRow> rewritten_;
    std::vector<VariantRow> added_;
    std::vector<std::pair<core::VariantId, std::int64_t>> stock_;
    std::optional<queries::Places> categories_;
    bool changed_ = false;
};

core::Result<PutDone> put_one(store::Tx& tx, const core::Caller& caller, const Put& put,
                              const Standing& standing) {
    const ProductRow* target = standing.target(put);
    if (!target && put.known) return core::not_found("product");
    if (!target) return make(tx, caller, *put.product, put.categories, standing.parents());
    return Change(tx, caller, *target, standing).run(*put.product, put.categories);
}

// Ids, slugs and SKUs of what was written since the standing was read, which says nothing true of them any
// more.
class Written {
public:
    void add(const PutDone& done, const PutProduct& product) {
        if (done.outcome == PutOutcome::unchanged) return;
        names_.emplace(done.id.text());
        names_.insert(done.slug);
        for (const PutVariant& variant : product.variants)
            names_.insert(variant.sku.str());
    }
    bool concerns(const Put& put, const Standing& standing) const {
        const ProductRow* target = standing.target(put);
        return (target && names_.contains(target->id.text())) ||
               (put.product->slug && names_.contains(put.product->slug->text())) ||
               (!put.product->variants.empty() && names_.contains(put.product->variants.front().sku.text()));
    }

private:
    std::set<std::string, std::less<>> names_;
};

}  // namespace

core::Result<std::vector<PutDone>> put_products(store::Tx& tx, const core::Caller& caller,
                                                std::span<const Put> puts) {
    queries::take_catalog_lock(tx);
    const Standing standing(tx, puts);
    Written written;
    std::vector<PutDone> all;
    for (const Put& put : puts) {
        auto done = written.concerns(put, standing) ? put_one(tx, caller, put, Standing(tx, {&put, 1}))
                                                    : put_one(tx, caller, put, standing);
        if (!done) return std::unexpected(std::move(done.error()));
        written.add(*done, *put.product);
        all.push_back(std::move(*done));
    }
    return all;
}

core::Result<PutDone> put_product(store::Tx& tx, const core::Caller& caller, const Put& put) {
    auto done = put_products(tx, caller, {&put, 1});
    if (!done) return std::unexpected(std::move(done.error()));
    return std::move(done->front());
}

std::vector<std::string> names_of_path(std::string_view path) {
    std::vector<std::string> names(1);
    auto trim_end = [&] {
        while (names.back().ends_with(' '))
            names.back().pop_back();
    };
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '\\' && i + 1 < path.size()) {
            names.back() += path[++i];
        } else if (path[i] == '>') {
            trim_end();
            names.emplace_back();
        } else if (path[i] != ' ' || !names.back().empty()) {
            names.back() += path[i];
        }
    }
    trim_end();
    std::erase(names, "");
    return names;
}

std::string path_of_names(const std::vector<std::string>& names) {
    std::string path;
    for (const std::string& name : names) {
        if (!path.empty()) path += " > ";
        for (char c : name) {
            if (c == '>' || c == '|' || c == '\\') path += '\\';
            path += c;
        }
    }
    return path;
}

}  // namespace catalog
