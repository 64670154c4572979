// Why an order costs what it costs, in words that a customer's question can be answered with.
#include "core/currency.hpp"
#include "orders/queries.hpp"
#include "orders/rows.hpp"

namespace orders {
namespace {

constexpr std::string_view rounding_rule =
    "An amount times a rate is rounded to a whole minor unit, halves away from zero: once for each line and "
    "once "
    "for shipping. A discount is rounded once and divided among the lines by largest remainder. Sums are "
    "sums of "
    "rounded parts.";

// 190000 → "19 %", 88750 → "8.875 %".
std::string percent_text(std::int64_t ppm) {
    constexpr std::int64_t ppm_of_percent = 10'000;
    std::string text = std::to_string(ppm / ppm_of_percent);
    std::string decimals = std::to_string(ppm_of_percent + ppm % ppm_of_percent).substr(1);
    decimals.erase(decimals.find_last_not_of('0') + 1);
    return text + (decimals.empty() ? "" : "." + decimals) + " %";
}

std::string tax_words(const pricing::AppliedTax& tax) {
    return tax.name.str() + " " + percent_text(tax.rate_ppm);
}

ExplainedLine explain_line(const OrderLine& line, const pricing::AppliedTerms& terms) {
    std::string because = std::to_string(line.quantity) + " × " + core::to_text(line.unit_price);
    if (line.discount.amount != 0) because += ", less its share of the discount";
    if (terms.tax) because += (terms.tax->included ? ", with " : ", plus ") + tax_words(*terms.tax);
    return {line.id, line.sku, line.total, line.discount, line.tax, std::move(because)};
}

std::string explain_discount(const Order& order, const pricing::AppliedTerms& terms) {
    if (!terms.discount) return "no code was used";
    const auto& discount = *terms.discount;
    std::string code = "code " + discount.code.str() + ": ";
    switch (discount.kind) {
        case pricing::DiscountKind::percent:
            return code + percent_text(discount.percent_ppm) + " of " + core::to_text(order.subtotal);
        case pricing::DiscountKind::fixed:
            return code + core::to_text({discount.amount.value, order.total.currency}) +
                   ", at most the goods' worth";
        case pricing::DiscountKind::free_shipping: return code + "free shipping";
    }
    return code;
}

std::string explain_shipping(const Order& order, const pricing::AppliedTerms& terms) {
    if (!terms.shipping) return "the shop has no shipping methods";
    const auto& shipping = *terms.shipping;
    const auto& currency = order.total.currency;
    std::string because = shipping.name.str() + ": " + core::to_text({shipping.price.value, currency});
    if (shipping.kind == pricing::ShippingKind::by_weight)
        because += " for " + std::to_string(shipping.weight_grams) + " g";
    if (order.shipping_total.amount != 0) return because;
    if (terms.discount && terms.discount->kind == pricing::DiscountKind::free_shipping)
        return because + ", free by code";
    if (shipping.free_from)
        because += ", free from " + core::to_text({shipping.free_from->value, currency}) + " of goods";
    return because;
}

std::string explain_tax(const pricing::AppliedTerms& terms, const core::Currency& currency) {
    if (!terms.tax) return "the shop has no tax rate for the destination";
    std::string because = tax_words(*terms.tax) + (terms.tax->included ? ", in the prices" : ", on top");
    if (terms.tax->on_shipping)
        because += "; " + core::to_text({terms.tax->shipping_tax.value, currency}) + " of it for shipping";
    return because;
}

}  // namespace

core::Result<PriceExplanation> explain_order(store::Tx& tx, const core::Caller& caller, const OrderPath& in) {
    auto order = get_order(tx, caller, in);
    if (!order) return std::unexpected(std::move(order.error()));
    PriceExplanation explanation{
        order->id, std::string(rounding_rule), {}, {}, terms_from(find_terms(tx, order->id))};
    const auto& terms = explanation.terms;
    for (const auto& line : order->lines)
        explanation.lines.push_back(explain_line(line, terms));
    explanation.sums = {
        {"subtotal", order->subtotal, "the sum of the lines"},
        {"discount_total", order->discount_total, explain_discount(*order, terms)},
        {"shipping_total", order->shipping_total, explain_shipping(*order, terms)},
        {"tax_total", order->tax_total, explain_tax(terms, order->total.currency)},
        {"total", order->total,
         order->prices_include_tax || !terms.tax ? "subtotal − discount + shipping"
                                                 : "subtotal − discount + shipping + tax"},
    };
    return explanation;
}

}  // namespace orders
