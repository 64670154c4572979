// What orders' news mean for their payments, and what is forgotten.
#include "payments/settling.hpp"

namespace payments {
namespace {

constexpr std::chrono::hours events_kept{30 *
                                         24};  // Stripe repeats for three days; the rest is for looking back
constexpr std::int64_t forgotten_at_once = 500;
constexpr std::string_view actor = "cancellation";

bool has_left(const orders::Order& order) {
    return !order.shipments.empty();
}

// Money promised for a cancelled order isn't taken; money taken goes back if nothing of the order has left.
// What moved outside the shop, staff send back themselves, and note it as a refund.
void let_go(store::Tx& tx, const store::Event& event) {
    auto id = core::OrderId::from_text(event.subject);
    auto order = id ? orders::find_order(tx, *id) : std::nullopt;
    if (!order) return;
    for (const auto& listed : queries::list_payments(tx, order->id)) {
        auto payment = queries::lock_payment(tx, listed.id).value();
        if (is_on_its_way(payment.status) && !queries::find_waiting(tx, payment.id, CallKind::cancel))
            queue_call(tx, payment, CallKind::cancel, actor);
        const std::int64_t left = payment.captured - payment.refunding;
        const bool goes_back = payment.status == PaymentState::paid && left > 0 &&
                               payment.provider != ProviderName::manual && !has_left(*order);
        if (goes_back && queries::take_for_refund(tx, payment.id, left))
            queue_refund(tx, payment, left, actor, "The order was cancelled.");
    }
}

}  // namespace

jobs::Follower Payments::follow_cancelled_orders() const {
    return {"payments_of_cancelled_orders", {"order.cancelled"}, let_go};
}

jobs::Schedule Payments::forget_old_events() const {
    return {"payment_events", std::chrono::hours{1}, [](store::Tx& tx) {
                return queries::delete_events_before(tx, tx.now() - events_kept, forgotten_at_once) ==
                       forgotten_at_once;
            }};
}

}  // namespace payments
