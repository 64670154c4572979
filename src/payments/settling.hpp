// What the shop makes of a provider's words, inside a transaction: payments, refunds, the order's payment
// status, events. Every function may be given the same words twice, or old ones.
#pragma once

#include "payments/queries.hpp"

namespace payments {

// Queues a call; the worker makes it after the commit.
queries::CallRow queue_call(store::Tx& tx, const queries::PaymentRow& payment, CallKind kind,
                            std::string_view actor);
// Queues a refund of what `payment` still has. The amount must have been taken for it.
queries::CallRow queue_refund(store::Tx& tx, const queries::PaymentRow& payment, std::int64_t amount,
                              std::string_view actor, std::optional<std::string> reason);

// What to ask the provider for this call.
Call call_of(store::Tx& tx, const queries::PaymentRow& payment, const queries::CallRow& row);

// Settles a call with what came of it. One that was settled meanwhile (by an event, by another node) stays.
void settle(store::Tx& tx, const Call& call, const Outcome& outcome);

// What a provider says of a payment or refund of its own accord, or when it was asked how things stand.
// `told_at`: how old its words are.
void hear(store::Tx& tx, ProviderName provider, const PaymentReport& report, core::Time told_at);
void hear(store::Tx& tx, ProviderName provider, const RefundReport& report);

// Tells followers: "payment." and `what`.
void announce(store::Tx& tx, const queries::PaymentRow& payment, std::string_view what);

// The event that wakes the worker.
inline constexpr std::string_view queued_event = "payment_call.queued";

}  // namespace payments
