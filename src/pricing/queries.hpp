// The SQL of what staff set: one row a method, rate or code.
#pragma once

#include "pricing/terms.hpp"

namespace pricing::queries {

// Inserts, or replaces the row of the same id. False: there was nothing to replace.
void insert(store::Tx& tx, const ShippingMethod& method);
bool replace(store::Tx& tx, const ShippingMethod& method);
std::optional<ShippingMethod> find(store::Tx& tx, ShippingMethodId id);
bool remove(store::Tx& tx, ShippingMethodId id);
// After the row of that id, in the order of making.
std::vector<ShippingMethod> list_methods(store::Tx& tx, ShippingMethodId after, std::int64_t limit);
// All that can be chosen, in staff's order.
store::Asked<ShippingMethod> ask_active_methods(store::Tx& tx, std::int64_t limit);
std::int64_t count_methods(store::Tx& tx);

void insert(store::Tx& tx, const TaxRate& rate);
bool replace(store::Tx& tx, const TaxRate& rate);
std::optional<TaxRate> find(store::Tx& tx, TaxRateId id);
bool remove(store::Tx& tx, TaxRateId id);
std::vector<TaxRate> list_rates(store::Tx& tx, TaxRateId after, std::int64_t limit);
// The region's own rate, else the country's.
store::Asked<TaxRate> ask_rate_for(store::Tx& tx, const core::CountryCode& country,
                                   const std::string& region);

void insert(store::Tx& tx, const Discount& discount, const std::string& code_key);
bool replace(store::Tx& tx, const Discount& discount, const std::string& code_key);
std::optional<Discount> find(store::Tx& tx, DiscountId id);
bool remove(store::Tx& tx, DiscountId id);
std::vector<Discount> list_discounts(store::Tx& tx, DiscountId after, std::int64_t limit);
store::Asked<Discount> ask_discount_by_code(store::Tx& tx, const std::string& code_key);

}  // namespace pricing::queries
