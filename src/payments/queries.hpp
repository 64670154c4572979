// The SQL of payments, of what providers are asked, and of what they told.
#pragma once

#include "payments/payments.hpp"

namespace payments::queries {

struct PaymentRow {
    PaymentId id;
    core::OrderId order_id;
    ProviderName provider = ProviderName::manual;
    std::optional<std::string> reference;
    PaymentMethod method = PaymentMethod::card;
    bool captures_later = false;
    PaymentState status = PaymentState::pending;
    core::Currency currency;
    std::int64_t amount = 0;
    std::int64_t captured = 0;
    std::int64_t refunding = 0;
    std::int64_t refunded = 0;
    std::optional<std::string> failure;
    core::Time told_at;
    std::optional<core::Time> look_at;
    core::Time created_at;
    core::Time updated_at;

    core::Money money(std::int64_t minor_units) const { return {minor_units, currency}; }
};
BOOST_DESCRIBE_STRUCT(PaymentRow, (),
                      (id, order_id, provider, reference, method, captures_later, status, currency, amount,
                       captured, refunding, refunded, failure, told_at, look_at, created_at, updated_at))

struct CallRow {
    CallId id;
    PaymentId payment_id;
    CallKind kind = CallKind::authorise;
    std::int64_t amount = 0;
    std::optional<std::string> reason;
    std::string actor;
    CallState state = CallState::waiting;
    std::int64_t attempts = 0;
    core::Time next_try_at;
    std::optional<std::string> refund_reference;
    std::optional<std::string> failure;
    core::Time created_at;
    std::optional<core::Time> settled_at;
};
BOOST_DESCRIBE_STRUCT(CallRow, (),
                      (id, payment_id, kind, amount, reason, actor, state, attempts, next_try_at,
                       refund_reference, failure, created_at, settled_at))

// False if another payment is on its way for the order.
bool insert_payment(store::Tx& tx, const PaymentRow& row);
std::optional<PaymentRow> find_payment(store::Tx& tx, PaymentId payment);
// The same, and nobody else changes it until the end of this transaction.
std::optional<PaymentRow> lock_payment(store::Tx& tx, PaymentId payment);
std::optional<PaymentRow> lock_payment_of(store::Tx& tx, ProviderName provider, std::string_view reference);
// The one on its way for an order, locked.
std::optional<PaymentRow> lock_on_its_way(store::Tx& tx, core::OrderId order);
std::vector<PaymentRow> list_payments(store::Tx& tx, core::OrderId order);
// Everything but the order, the provider and the amount.
void update_payment(store::Tx& tx, const PaymentRow& row);

// Keeps that much of what was captured for a refund. False if less is left.
bool take_for_refund(store::Tx& tx, PaymentId payment, std::int64_t amount);

struct OrderSums {
    std::int64_t captured = 0;
    std::int64_t refunded = 0;
};
BOOST_DESCRIBE_STRUCT(OrderSums, (), (captured, refunded))
OrderSums sums_of(store::Tx& tx, core::OrderId order);

void insert_call(store::Tx& tx, const CallRow& row);
std::optional<CallRow> find_call(store::Tx& tx, CallId call);
std::optional<CallRow> find_refund(store::Tx& tx, std::string_view refund_reference);
std::vector<CallRow> list_refunds(store::Tx& tx, PaymentId payment);
// What of that kind is still waiting, for one payment.
std::optional<CallRow> find_waiting(store::Tx& tx, PaymentId payment, CallKind kind);
void update_call(store::Tx& tx, const CallRow& row);

// The call that is due longest, if it is its payment's turn.
std::optional<CallRow> find_due_call(store::Tx& tx);
std::optional<core::Time> find_next_due(store::Tx& tx);
// Keeps it from other nodes until `lease_ends`, and counts an attempt. False if somebody else has it.
bool claim(store::Tx& tx, CallRow& call, core::Time lease_ends);

// A payment that it is time to ask after; nobody else does before `next_look`.
std::optional<PaymentRow> claim_look(store::Tx& tx, core::Time next_look);
std::optional<core::Time> find_next_look(store::Tx& tx);

// False if it was there.
bool insert_event(store::Tx& tx, ProviderName provider, std::string_view event_id);
std::int64_t delete_events_before(store::Tx& tx, core::Time time, std::int64_t limit);

}  // namespace payments::queries
