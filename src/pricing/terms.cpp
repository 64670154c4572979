// What staff may set, and the checks that a type can't make.
#include "pricing/letter_case.hpp"
#include "pricing/queries.hpp"

namespace pricing {
namespace {

core::Result<void> check(const NewShippingMethod& in) {
    if (in.countries.size() > countries_max)
        return core::fail_field("/countries", "too_long", "There aren't that many countries.");
    if (in.tiers.size() > tiers_max) {
        return core::fail_field("/tiers", "too_long",
                                "A method has at most " + std::to_string(tiers_max) + " tiers.");
    }
    if (in.kind == ShippingKind::flat && !in.price)
        return core::fail_field("/price", "required", "A flat method needs a price.");
    if (in.kind == ShippingKind::by_weight && in.tiers.empty())
        return core::fail_field("/tiers", "required", "A method by weight needs at least one tier.");
    for (std::size_t i = 1; i < in.tiers.size(); ++i) {
        if (in.tiers[i].up_to_grams <= in.tiers[i - 1].up_to_grams) {
            return core::fail_field("/tiers/" + std::to_string(i) + "/up_to_grams", "out_of_order",
                                    "Tiers go from light to heavy.");
        }
    }
    return {};
}

core::Result<void> check(const NewDiscount& in) {
    if (in.kind == DiscountKind::percent && !in.percent_ppm)
        return core::fail_field("/percent_ppm", "required", "A discount in percent needs percent_ppm.");
    if (in.kind == DiscountKind::fixed && !in.amount)
        return core::fail_field("/amount", "required", "A fixed discount needs an amount.");
    if ((in.kind == DiscountKind::fixed || in.minimum) && !in.currency)
        return core::fail_field("/currency", "required", "An amount needs a currency.");
    if (in.starts_at && in.ends_at && *in.ends_at <= *in.starts_at)
        return core::fail_field("/ends_at", "out_of_order", "A discount ends after it starts.");
    return {};
}

template <class Checked>
std::optional<std::int64_t> number(const std::optional<Checked>& value) {
    if (!value) return {};
    return value->value;
}

ShippingMethod made_of(const NewShippingMethod& in, ShippingMethodId id, core::Time now) {
    bool flat = in.kind == ShippingKind::flat;
    return {id,
            in.name.str(),
            in.kind,
            in.currency,
            in.countries,
            flat ? in.price->value : 0,
            flat ? std::vector<WeightTier>{} : in.tiers,
            number(in.free_from),
            in.active.value_or(true),
            in.position ? in.position->value : 0,
            now,
            now};
}

TaxRate made_of(const NewTaxRate& in, TaxRateId id, core::Time now) {
    std::string region = in.region ? upper_case(in.region->text()) : std::string();
    return {id, in.name.str(), in.country, std::move(region), in.rate_ppm, in.included, in.on_shipping, now,
            now};
}

Discount made_of(const NewDiscount& in, DiscountId id, core::Time now) {
    return {id,
            in.code.str(),
            in.kind,
            in.kind == DiscountKind::percent ? in.percent_ppm->value : 0,
            in.kind == DiscountKind::fixed ? in.amount->value : 0,
            in.currency,
            in.minimum ? in.minimum->value : 0,
            in.starts_at,
            in.ends_at,
            number(in.uses_max),
            number(in.uses_per_customer_max),
            in.active.value_or(true),
            0,
            now,
            now};
}

// A row that must be there, or not_found.
template <class Row>
core::Result<Row> found(std::optional<Row> row, std::string_view what) {
    if (!row) return core::not_found(what);
    return std::move(*row);
}

constexpr std::string_view list_order = "id";  // the name of the one sort, in cursors

template <class Row, class List>
core::Result<core::List<Row>> page(const TermsQuery& in, List list) {
    auto after = core::place_of(in.cursor, list_order, decltype(Row::id)::lowest());
    if (!after) return std::unexpected(std::move(after.error()));
    const std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = list(*after, limit + 1);
    return core::page_by_id(std::move(rows), limit, list_order);
}

constexpr std::string_view a_method = "shipping method";
constexpr std::string_view a_rate = "tax rate";
constexpr std::string_view a_discount = "discount";

}  // namespace

core::Result<ShippingMethod> create_shipping_method(store::Tx& tx, const core::Caller&,
                                                    const NewShippingMethod& in) {
    if (auto checked = check(in); !checked) return std::unexpected(std::move(checked.error()));
    if (queries::count_methods(tx) >= static_cast<std::int64_t>(methods_max)) {
        return core::fail(core::ErrorCode::conflict,
                          "A shop has at most " + std::to_string(methods_max) + " shipping methods.");
    }
    auto method = made_of(in, ShippingMethodId::at(tx.now()), tx.now());
    queries::insert(tx, method);
    return method;
}

core::Result<ShippingMethod> replace_shipping_method(store::Tx& tx, const core::Caller&,
                                                     const ShippingMethodReplacement& in) {
    if (auto checked = check(in); !checked) return std::unexpected(std::move(checked.error()));
    if (!queries::replace(tx, made_of(in, in.id, tx.now()))) return core::not_found(a_method);
    return found(queries::find(tx, in.id), a_method);
}

core::Result<ShippingMethod> get_shipping_method(store::Tx& tx, const core::Caller&,
                                                 const ShippingMethodPath& in) {
    return found(queries::find(tx, in.id), a_method);
}

core::Result<void> delete_shipping_method(store::Tx& tx, const core::Caller&, const ShippingMethodPath& in) {
    if (!queries::remove(tx, in.id)) return core::not_found(a_method);
    return {};
}

core::Result<core::List<ShippingMethod>> list_shipping_methods(store::Tx& tx, const core::Caller&,
                                                               const TermsQuery& in) {
    return page<ShippingMethod>(in, [&](ShippingMethodId after, std::int64_t limit) {
        return queries::list_methods(tx, after, limit);
    });
}

core::Result<TaxRate> create_tax_rate(store::Tx& tx, const core::Caller&, const NewTaxRate& in) {
    auto rate = made_of(in, TaxRateId::at(tx.now()), tx.now());
    queries::insert(tx, rate);
    return rate;
}

core::Result<TaxRate> replace_tax_rate(store::Tx& tx, const core::Caller&, const TaxRateReplacement& in) {
    if (!queries::replace(tx, made_of(in, in.id, tx.now()))) return core::not_found(a_rate);
    return found(queries::find(tx, in.id), a_rate);
}

core::Result<TaxRate> get_tax_rate(store::Tx& tx, const core::Caller&, const TaxRatePath& in) {
    return found(queries::find(tx, in.id), a_rate);
}

core::Result<void> delete_tax_rate(store::Tx& tx, const core::Caller&, const TaxRatePath& in) {
    if (!queries::remove(tx, in.id)) return core::not_found(a_rate);
    return {};
}

core::Result<core::List<TaxRate>> list_tax_rates(store::Tx& tx, const core::Caller&, const TermsQuery& in) {
    return page<TaxRate>(
        in, [&](TaxRateId after, std::int64_t limit) { return queries::list_rates(tx, after, limit); });
}

core::Result<Discount> create_discount(store::Tx& tx, const core::Caller&, const NewDiscount& in) {
    if (auto checked = check(in); !checked) return std::unexpected(std::move(checked.error()));
    auto discount = made_of(in, DiscountId::at(tx.now()), tx.now());
    queries::insert(tx, discount, upper_case(discount.code));
    return discount;
}

core::Result<Discount> replace_discount(store::Tx& tx, const core::Caller&, const DiscountReplacement& in) {
    if (auto checked = check(in); !checked) return std::unexpected(std::move(checked.error()));
    auto discount = made_of(in, in.id, tx.now());
    if (!queries::replace(tx, discount, upper_case(discount.code))) return core::not_found(a_discount);
    return found(queries::find(tx, in.id), a_discount);
}

core::Result<Discount> get_discount(store::Tx& tx, const core::Caller&, const DiscountPath& in) {
    return found(queries::find(tx, in.id), a_discount);
}

core::Result<void> delete_discount(store::Tx& tx, const core::Caller&, const DiscountPath& in) {
    if (!queries::remove(tx, in.id)) return core::not_found(a_discount);
    return {};
}

core::Result<core::List<Discount>> list_discounts(store::Tx& tx, const core::Caller&, const TermsQuery& in) {
    return page<Discount>(
        in, [&](DiscountId after, std::int64_t limit) { return queries::list_discounts(tx, after, limit); });
}

}  // namespace pricing
