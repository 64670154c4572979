// What a basket of goods costs in the end: discount, shipping and tax, and why. Carts ask when they are
// shown, orders when they are placed.
//
// The one rounding rule: an amount times a rate is rounded to a whole minor unit, halves away from zero, once
// for each line and once for shipping; sums are sums of rounded parts. A discount is rounded once and then
// divided among the lines by largest remainder. So lines always add up to the total.
#pragma once

#include "pricing/terms.hpp"

#include <span>

namespace pricing {

struct Destination {
    core::CountryCode country;
    std::string region;
};

struct BasketLine {
    std::int64_t total = 0;  // of the line, in minor units
    std::int64_t quantity = 0;
    std::int64_t weight_grams = 0;  // of one unit
};

struct Basket {
    core::Currency currency;
    std::vector<BasketLine> lines;
    std::optional<Destination> destination;  // unknown: nothing is said about shipping and tax yet
    std::optional<ShippingMethodId> shipping_method_id;  // none: the cheapest that goes there
    std::optional<std::string> discount_code;
};

// What was applied, as it was then: kept with the order.
struct AppliedDiscount {
    DiscountId id;
    DiscountCode code;
    DiscountKind kind = DiscountKind::percent;
    Ppm percent_ppm;
    Amount amount;
};
BOOST_DESCRIBE_STRUCT(AppliedDiscount, (), (id, code, kind, percent_ppm, amount))

struct AppliedShipping {
    ShippingMethodId id;
    core::Text<1, 100> name;
    ShippingKind kind = ShippingKind::flat;
    Amount price;  // what it would cost…
    core::Int<0, core::amount_max> weight_grams;
    std::optional<Amount> free_from;  // …if this sum of goods didn't make it free
};
BOOST_DESCRIBE_STRUCT(AppliedShipping, (), (id, name, kind, price, weight_grams, free_from))

struct AppliedTax {
    TaxRateId id;
    core::Text<1, 100> name;
    Ppm rate_ppm;
    bool included = false;
    bool on_shipping = false;
    Amount shipping_tax;
};
BOOST_DESCRIBE_STRUCT(AppliedTax, (), (id, name, rate_ppm, included, on_shipping, shipping_tax))

struct AppliedTerms {
    std::optional<AppliedDiscount> discount;
    std::optional<AppliedShipping> shipping;
    std::optional<AppliedTax> tax;
};
BOOST_DESCRIBE_STRUCT(AppliedTerms, (), (discount, shipping, tax))

struct LineSum {
    std::int64_t discount = 0;  // this line's share
    std::int64_t tax = 0;       // on what is left of it, in it or on top of it
};

// Why the basket can't be ordered like this: discount_unavailable, not_deliverable,
// shipping_method_unavailable.
struct Obstacle {
    std::string code;
    std::string message;
};

struct Quote {
    std::vector<LineSum> lines;  // in the basket's order
    std::int64_t subtotal = 0;   // goods
    std::int64_t discount = 0;
    std::int64_t shipping = 0;
    std::int64_t tax = 0;
    std::int64_t total = 0;  // subtotal − discount + shipping, plus tax unless prices include it
    bool prices_include_tax = false;
    AppliedTerms terms;
    std::vector<Obstacle> obstacles;
};

// What may apply to a basket, on its way from the database: what the goods cost may be asked meanwhile.
struct AskedRules {
    store::Asked<Discount> discount;
    store::Asked<ShippingMethod> methods;
    store::Asked<TaxRate> tax;
};
// The basket's lines are not looked at yet.
AskedRules ask_rules(store::Tx& tx, const Basket& basket);
// The basket with its lines, otherwise the one that the rules were asked for. Reads the rules.
Quote quote(const Basket& basket, AskedRules& rules, core::Time now);

// Divides `amount` in the proportion of `weights` by largest remainder, earlier lines first where remainders
// are equal; the parts add up to it. Everything 0 if the weights are.
std::vector<std::int64_t> divided(std::int64_t amount, std::span<const std::int64_t> weights);

// Takes one use of the code for an order, or says discount_unavailable: the conditional updates decide, so a
// code can't be used more often than it may. `user` and `email_key` are both counted as the customer.
core::Result<void> use_discount(store::Tx& tx, const AppliedDiscount& discount, core::OrderId order,
                                const std::optional<core::UserId>& user, const std::string& email_key);
// Gives back what the order used, if anything. Call once, when it is cancelled.
void return_discount(store::Tx& tx, core::OrderId order);

// A way to send a basket somewhere, with what it costs.
struct ShippingOffer {
    ShippingMethodId id;
    std::string name;
    core::Money price;
};
BOOST_DESCRIBE_STRUCT(ShippingOffer, (), (id, name, price))
std::vector<ShippingOffer> list_shipping_offers(const Basket& basket, AskedRules& rules, core::Time now);

}  // namespace pricing
