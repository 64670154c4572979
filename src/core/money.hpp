// Money: a whole number of minor units (cents) and an ISO 4217 code. Never a floating-point number.
#pragma once

#include "core/text.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>

namespace core {

// Amounts stay exact in every JSON reader: |amount| < 2^53 (RFC 8259 §6).
inline constexpr std::int64_t amount_max = (std::int64_t{1} << 53) - 1;

struct Money {
    Int<-amount_max, amount_max> amount;
    Currency currency;

    friend bool operator==(const Money&, const Money&) = default;
};
BOOST_DESCRIBE_STRUCT(Money, (), (amount, currency))

// A price: money that is not negative.
struct Price {
    Int<0, amount_max> amount;
    Currency currency;

    friend bool operator==(const Price&, const Price&) = default;
};
BOOST_DESCRIBE_STRUCT(Price, (), (amount, currency))

}  // namespace core
