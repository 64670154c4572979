// What orders know of their money. payments/ knows the rest and calls this.
#include "orders/events.hpp"
#include "orders/queries.hpp"

namespace orders {
namespace {

std::string entry_of(PaymentStatus status) {
    switch (status) {
        case PaymentStatus::authorized: return "payment_authorized";
        case PaymentStatus::failed: return "payment_failed";
        case PaymentStatus::voided: return "payment_voided";
        default: return text_of(status);
    }
}

}  // namespace

core::Result<Order> mark_order_paid(store::Tx& tx, const core::Caller& caller, const OrderStep& in) {
    bool changed = change_payment_status(tx, in.id, sources_of(PaymentStatus::paid), PaymentStatus::paid);
    auto order = find_order(tx, in.id);
    if (!order) return core::not_found("order");
    if (!changed) {
        bool cancelled = order->status == OrderStatus::cancelled;
        if (cancelled) return refuse_transition(text_of(order->status), {});
        return refuse_transition(text_of(order->payment_status), targets_of(order->payment_status));
    }
    std::optional<std::string> note;
    if (in.note && !in.note->str().empty()) note = in.note->str();
    record(tx, caller.actor(), *order, "paid", std::move(note));
    return std::move(*order);
}

void note_payment(store::Tx& tx, core::OrderId id, PaymentStatus status, std::string_view actor,
                  std::optional<std::string> note) {
    auto from = sources_of(status, true);
    if (status == PaymentStatus::partially_refunded) from.push_back(text_of(status));
    if (!set_payment_status(tx, id, from, status)) return;
    auto order = find_order(tx, id).value();
    record(tx, std::string(actor), order, entry_of(status), std::move(note));
}

}  // namespace orders
