// How far a payment can have come, and which word of a provider counts: data that rules ask and a test walks.
#pragma once

#include <boost/describe/enum.hpp>

#include <array>

namespace payments {

// pending: the customer's turn. processing: the bank's. failed: the bank said no; the customer may try
// again. authorized: promised, to be captured by staff. paid and voided are ends.
enum class PaymentState { pending, processing, failed, authorized, paid, voided };
BOOST_DESCRIBE_ENUM(PaymentState, pending, processing, failed, authorized, paid, voided)

// Asking for a payment, taking what was promised, giving the promise up, giving money back.
enum class CallKind { authorise, capture, cancel, refund };
BOOST_DESCRIBE_ENUM(CallKind, authorise, capture, cancel, refund)

// waiting: the provider has yet to be asked, or to answer. pending: it will tell later. done and refused are
// ends, but a refund that was done can be refused by the customer's bank afterwards.
enum class CallState { waiting, pending, done, refused };
BOOST_DESCRIBE_ENUM(CallState, waiting, pending, done, refused)

// How final a state is. Providers tell late, twice and in any order: a word that is less final than what is
// known is old.
constexpr int finality_of(PaymentState state) {
    switch (state) {
        case PaymentState::pending:
        case PaymentState::processing:
        case PaymentState::failed: return 0;
        case PaymentState::authorized: return 1;
        case PaymentState::paid:
        case PaymentState::voided: return 2;
    }
    return 2;
}

// Whether `told` takes the place of `known`. Among the undecided ones, which follow each other in circles,
// the later word counts; the ends stay.
constexpr bool counts(PaymentState known, PaymentState told, bool is_later) {
    const int before = finality_of(known);
    const int after = finality_of(told);
    return after > before || (after == before && after == 0 && is_later);
}

constexpr bool is_on_its_way(PaymentState state) {
    return finality_of(state) < 2;
}

}  // namespace payments
