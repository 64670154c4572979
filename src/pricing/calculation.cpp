#include "pricing/calculation.hpp"

#include <algorithm>
#include <numeric>

namespace pricing {
namespace {

using Wide = __int128;  // an amount times a rate or a quantity doesn't fit into 64 bits

std::int64_t bounded(Wide value) {
    return static_cast<std::int64_t>(std::min<Wide>(value, core::amount_max));
}

// For amounts that are not negative, where half up is away from zero.
std::int64_t rounded(Wide dividend, Wide divisor) {
    return bounded((dividend + divisor / 2) / divisor);
}

// Why the code can't be used for this basket now; what is counted, use_discount() decides.
std::optional<std::string> refusal_of(const Discount& discount, const Basket& basket, std::int64_t subtotal,
                                      core::Time now) {
    if (!discount.active) return "This code is not in use.";
    if (discount.starts_at && now < *discount.starts_at) return "This code is not valid yet.";
    if (discount.ends_at && now >= *discount.ends_at) return "This code is no longer valid.";
    if (discount.currency && *discount.currency != basket.currency)
        return "This code is for another currency.";
    if (subtotal < discount.minimum) return "This code needs a larger order.";
    if (discount.uses_max && discount.uses >= *discount.uses_max) return "This code is used up.";
    return {};
}

void apply_discount(Quote& quote, const Basket& basket, const Rules& rules, core::Time now) {
    if (!basket.discount_code) return;
    auto refuse = [&](std::string why) {
        quote.obstacles.push_back({"discount_unavailable", std::move(why)});
    };
    if (!rules.discount) return refuse("There is no such code.");
    const Discount& discount = *rules.discount;
    if (auto refusal = refusal_of(discount, basket, quote.subtotal, now)) return refuse(std::move(*refusal));
    if (discount.kind == DiscountKind::percent)
        quote.discount = part_of(quote.subtotal, discount.percent_ppm);
    if (discount.kind == DiscountKind::fixed) quote.discount = std::min(discount.amount, quote.subtotal);
    std::vector<std::int64_t> totals;
    for (const auto& line : basket.lines)
        totals.push_back(line.total);
    auto shares = divided(quote.discount, totals);
    for (std::size_t i = 0; i < shares.size(); ++i)
        quote.lines[i].discount = shares[i];
    quote.terms.discount = AppliedDiscount{discount.id, DiscountCode::trusted(discount.code), discount.kind,
                                           discount.percent_ppm, discount.amount};
}

bool is_free(const std::optional<std::int64_t>& free_from, std::int64_t goods) {
    return free_from && goods >= *free_from;
}

AppliedShipping applied(const ShippingMethod& method, std::int64_t price, const Basket& basket) {
    AppliedShipping shipping{
        method.id, core::Text<1, 100>::trusted(method.name), method.kind, price, weight_of(basket), {}};
    if (method.free_from) shipping.free_from = Amount(*method.free_from);
    return shipping;
}

// The method that was chosen, or the cheapest; of equals the one that staff put first.
void apply_shipping(Quote& quote, const Basket& basket, const Rules& rules) {
    if (!basket.destination || !rules.ships_anywhere) return;
    const std::int64_t goods = quote.subtotal - quote.discount;
    const ShippingMethod* best = nullptr;
    std::int64_t best_cost = 0;
    for (const auto& method : rules.methods) {
        if (basket.shipping_method_id && method.id != *basket.shipping_method_id) continue;
        auto price = shipping_price(method, basket);
        if (!price) continue;
        std::int64_t cost = is_free(method.free_from, goods) ? 0 : *price;
        if (best && best_cost <= cost) continue;
        best = &method;
        best_cost = cost;
        quote.terms.shipping = applied(method, *price, basket);
    }
    if (best) {
        bool waived = quote.terms.discount && quote.terms.discount->kind == DiscountKind::free_shipping;
        quote.shipping = waived ? 0 : best_cost;
    } else if (basket.shipping_method_id) {
        quote.obstacles.push_back(
            {"shipping_method_unavailable", "This shipping method doesn't take this order there."});
    } else {
        quote.obstacles.push_back({"not_deliverable", "The shop doesn't deliver this order there."});
    }
}

std::int64_t tax_on(const TaxRate& rate, std::int64_t amount) {
    return rate.included ? tax_within(amount, rate.rate_ppm) : part_of(amount, rate.rate_ppm);
}

void apply_tax(Quote& quote, const Basket& basket, const Rules& rules) {
    if (!rules.tax || !basket.destination) return;
    const TaxRate& rate = *rules.tax;
    for (std::size_t i = 0; i < basket.lines.size(); ++i) {
        quote.lines[i].tax = tax_on(rate, basket.lines[i].total - quote.lines[i].discount);
        quote.tax += quote.lines[i].tax;
    }
    std::int64_t shipping_tax = rate.on_shipping ? tax_on(rate, quote.shipping) : 0;
    quote.tax += shipping_tax;
    quote.prices_include_tax = rate.included;
    quote.terms.tax = AppliedTax{rate.id,          core::Text<1, 100>::trusted(rate.name),
                                 rate.rate_ppm,    rate.included,
                                 rate.on_shipping, shipping_tax};
}

}  // namespace

std::int64_t part_of(std::int64_t amount, std::int64_t ppm) {
    return rounded(Wide{amount} * ppm, ppm_of_whole);
}

std::int64_t tax_within(std::int64_t amount, std::int64_t ppm) {
    return rounded(Wide{amount} * ppm, ppm_of_whole + ppm);
}

std::vector<std::int64_t> divided(std::int64_t amount, std::span<const std::int64_t> weights) {
    std::vector<std::int64_t> parts(weights.size(), 0);
    Wide sum = 0;
    for (std::int64_t weight : weights)
        sum += weight;
    if (sum == 0) return parts;
    std::vector<std::pair<Wide, std::size_t>> remainders;
    std::int64_t left = amount;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        Wide product = Wide{amount} * weights[i];
        parts[i] = static_cast<std::int64_t>(product / sum);
        left -= parts[i];
        remainders.emplace_back(product % sum, i);
    }
    std::ranges::sort(remainders, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    for (std::int64_t i = 0; i < left; ++i)
        ++parts[remainders[static_cast<std::size_t>(i)].second];
    return parts;
}

std::int64_t weight_of(const Basket& basket) {
    Wide grams = 0;
    for (const auto& line : basket.lines)
        grams += Wide{line.weight_grams} * line.quantity;
    return bounded(grams);
}

std::optional<std::int64_t> shipping_price(const ShippingMethod& method, const Basket& basket) {
    if (method.kind == ShippingKind::flat) return method.price;
    const std::int64_t grams = weight_of(basket);
    for (const auto& tier : method.tiers) {
        if (grams <= tier.up_to_grams) return tier.price.value;
    }
    return {};
}

Quote calculate(const Basket& basket, const Rules& rules, core::Time now) {
    Quote quote;
    quote.lines.resize(basket.lines.size());
    Wide subtotal = 0;
    for (const auto& line : basket.lines)
        subtotal += line.total;
    quote.subtotal = bounded(subtotal);
    apply_discount(quote, basket, rules, now);
    apply_shipping(quote, basket, rules);
    apply_tax(quote, basket, rules);
    Wide total = Wide{quote.subtotal} - quote.discount + quote.shipping;
    if (!quote.prices_include_tax) total += quote.tax;
    quote.total = bounded(total);
    return quote;
}

}  // namespace pricing
