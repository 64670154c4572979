// The currencies of ISO 4217 that have a minor unit, and amounts as people read them. Precious metals, test
// codes and the like have none and are no money to a shop.
#pragma once

#include "core/money.hpp"

#include <optional>

namespace core {

// How many decimals the code's minor unit is: 2 for EUR, 0 for JPY. Empty: no such currency.
std::optional<int> find_minor_units(std::string_view code);

// "19.99 EUR", "1500 JPY", "-0.05 EUR".
std::string to_text(const Money& money);
// The same without the code.
std::string decimal_text(const Money& money);

}  // namespace core
