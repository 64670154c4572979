// The arithmetic of a quote: pure, in integers, by the one rounding rule of pricing.hpp.
#pragma once

#include "pricing/pricing.hpp"

namespace pricing {

// amount × ppm, rounded.
std::int64_t part_of(std::int64_t amount, std::int64_t ppm);
// The tax that is in a price: amount × ppm ÷ (1 + ppm), rounded.
std::int64_t tax_within(std::int64_t amount, std::int64_t ppm);

// What sending costs, before any sum of goods makes it free; empty if the method doesn't take this.
std::optional<std::int64_t> shipping_price(const ShippingMethod& method, const Basket& basket);
std::int64_t weight_of(const Basket& basket);

// Everything that may apply to a basket, as the shop has it now.
struct Rules {
    std::vector<ShippingMethod> methods;  // active ones in the basket's currency that go to its destination
    bool ships_anywhere = false;          // the shop has any method at all
    std::optional<TaxRate> tax;
    std::optional<Discount> discount;
};
Quote calculate(const Basket& basket, const Rules& rules, core::Time now);

}  // namespace pricing
