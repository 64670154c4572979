#include "payments/settling.hpp"
#include "payments/state.hpp"
#include "payments/stripe_objects.hpp"
#include "payments/stripe_signature.hpp"

#include "core/currency.hpp"

namespace payments {
namespace {

using core::ErrorCode;
using orders::PaymentStatus;
using queries::PaymentRow;

constexpr unsigned waiting_callers = 4;          // customers whose payment is being begun, at once
constexpr std::size_t waiting_callers_max = 64;  // one more is answered 503
constexpr std::chrono::minutes first_look{10};   // before, the customer is still typing
// A customer's own call holds the row for so long; after that the worker makes it.
constexpr std::chrono::seconds own_call_lease{25};

core::Result<orders::Order> find_payable(store::Tx& tx, const core::Caller& caller, core::OrderId id,
                                         const std::optional<core::Email>& email) {
    return orders::get_order(tx, caller, {core::Text<1, 40>::trusted(id.str()), email});
}

// An order that still wants money.
core::Result<void> check_unpaid(const orders::Order& order) {
    const bool open = order.payment_status == PaymentStatus::unpaid ||
                      order.payment_status == PaymentStatus::failed ||
                      order.payment_status == PaymentStatus::voided;
    if (open && order.status != orders::OrderStatus::cancelled && order.total.amount > 0) return {};
    const std::string from = order.status == orders::OrderStatus::cancelled
                                 ? orders::text_of(order.status)
                                 : orders::text_of(order.payment_status);
    return core::fail(ErrorCode::invalid_transition, "There is nothing to pay for this order.",
                      {{"from", from}, {"allowed", boost::json::array{}}});
}

Payment shown(store::Tx& tx, const PaymentRow& row) {
    Payment payment{.id = row.id,
                    .order_id = row.order_id,
                    .provider = row.provider,
                    .method = row.method,
                    .reference = row.reference,
                    .capture = row.captures_later ? CaptureMode::manual : CaptureMode::automatic,
                    .status = row.status,
                    .amount = row.money(row.amount),
                    .captured = row.money(row.captured),
                    .refunded = row.money(row.refunded),
                    .failure = row.failure,
                    .created_at = row.created_at,
                    .updated_at = row.updated_at};
    for (auto& call : queries::list_refunds(tx, row.id)) {
        payment.refunds.push_back({call.id, row.money(call.amount), call.state, std::move(call.reason),
                                   std::move(call.failure), call.created_at, call.settled_at});
    }
    return payment;
}

PaymentMethod method_of(ManualMethod method) {
    switch (method) {
        case ManualMethod::bank_transfer: return PaymentMethod::bank_transfer;
        case ManualMethod::cash: return PaymentMethod::cash;
        case ManualMethod::other: return PaymentMethod::other;
    }
    return PaymentMethod::other;
}

// What asking for a payment comes down to: a call to make now, or one payment to look up.
struct Begun {
    PaymentRow payment;
    std::optional<Call> call;
};

core::Result<Begun> begin(store::Tx& tx, const core::Caller& caller, const StartPayment& in) {
    auto order = find_payable(tx, caller, in.id, in.email);
    if (!order) return std::unexpected(std::move(order.error()));
    auto known = queries::lock_on_its_way(tx, in.id);
    const bool is_promised = known && known->status == PaymentState::authorized;
    if (auto open = check_unpaid(*order); !open && !is_promised)
        return std::unexpected(std::move(open.error()));
    if (!known) {
        PaymentRow row{.id = PaymentId::at(tx.now()),
                       .order_id = order->id,
                       .provider = ProviderName::stripe,
                       .captures_later = in.capture == CaptureMode::manual,
                       .currency = order->total.currency,
                       .amount = order->total.amount,
                       .look_at = tx.now() + first_look,
                       .created_at = tx.now(),
                       .updated_at = tx.now()};
        if (!queries::insert_payment(tx, row)) throw store::RunAgain("another tab began a payment");
        queue_call(tx, row, CallKind::authorise, caller.actor());
        announce(tx, row, "started");
        known = std::move(row);
    }
    auto waiting = queries::find_waiting(tx, known->id, CallKind::authorise);
    if (!waiting) return Begun{std::move(*known), {}};
    queries::claim(tx, *waiting, tx.now() + own_call_lease);
    Call call = call_of(tx, *known, *waiting);
    return Begun{std::move(*known), std::move(call)};
}

core::Error refuse_step(const PaymentRow& row) {
    const std::string from = orders::text_of(row.status);
    return {ErrorCode::invalid_transition,
            "This payment is " + from + ".",
            {},
            {{"from", from}, {"allowed", boost::json::array{}}}};
}

core::Result<PaymentRow> lock(store::Tx& tx, PaymentId id, PaymentState needed) {
    auto row = queries::lock_payment(tx, id);
    if (!row) return core::not_found("payment");
    if (row->status != needed) return std::unexpected(refuse_step(*row));
    return std::move(*row);
}

}  // namespace

Payments::State::State(Settings given, store::Database& db)
    : settings(std::move(given)),
      database(db),
      stripe(settings.stripe),
      callers(waiting_callers, waiting_callers_max),
      worker("payments", [this](const std::stop_token& stop) { return round(stop); }) {}

Provider& Payments::State::provider(ProviderName name) {
    return name == ProviderName::stripe ? static_cast<Provider&>(stripe) : manual;
}

Payments::Payments(Settings settings, store::Database& database)
    : state_(std::make_unique<State>(std::move(settings), database)) {}

Payments::~Payments() {
    stop();
}

void Payments::start() {
    state_->worker.start();
}

void Payments::stop() {
    state_->worker.stop();
}

std::size_t Payments::starting() const {
    return state_->callers.waiting();
}

void Payments::on_commit(std::span<const store::Event> events) {
    if (std::ranges::any_of(events, [](const auto& event) { return event.type == queued_event; }))
        state_->worker.wake();
}

boost::asio::awaitable<core::Result<Payment>> Payments::start_payment(const core::Caller& caller,
                                                                      StartPayment in) {
    if (!state_->takes_cards())
        co_return core::fail(ErrorCode::conflict,
                             "This shop takes no cards: its owner sets KONTOR_STRIPE_SECRET_KEY.");
    auto begun =
        co_await store::write(state_->database, [&](store::Tx& tx) { return begin(tx, caller, in); });
    if (!begun) co_return std::unexpected(std::move(begun.error()));
    auto ask = [&] {
        return begun->call ? state_->stripe.perform(*begun->call, {})
                           : state_->stripe.look_up(begun->payment.reference.value_or(""), {});
    };
    auto outcome = co_await state_->callers.run(ask);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    auto settled = co_await store::write(state_->database, [&](store::Tx& tx) -> core::Result<Payment> {
        if (begun->call) {
            settle(tx, *begun->call, *outcome);
        } else if (outcome->payment) {
            hear(tx, ProviderName::stripe, *outcome->payment, tx.now());
        }
        return shown(tx, queries::find_payment(tx, begun->payment.id).value());
    });
    if (!settled) co_return settled;
    if (outcome->kind == Outcome::Kind::refused)
        co_return core::fail(ErrorCode::conflict, "The payment provider refuses this: " + outcome->why);
    if (!outcome->payment)
        co_return core::fail(ErrorCode::overloaded,
                             "The payment provider doesn't answer. Ask again shortly.");
    settled->client_secret = outcome->payment->client_secret;
    co_return settled;
}

boost::asio::awaitable<core::Result<void>> Payments::hear_stripe(std::string_view signature,
                                                                 std::string_view body, core::Time now) {
    if (!is_signed(signature, body, state_->settings.stripe.webhook_secrets, now))
        co_return core::fail(
            ErrorCode::bad_request,
            "The signature is not Stripe's, or too old: is KONTOR_STRIPE_WEBHOOK_SECRETS the "
            "signing secret of this endpoint?");
    auto event = stripe::event_from(body);
    if (!event) co_return core::fail(ErrorCode::bad_request, "The body is no event.");
    auto heard = co_await store::write(state_->database, [&](store::Tx& tx) {
        if (!queries::insert_event(tx, ProviderName::stripe, event->id)) return;
        if (const auto* payment = std::get_if<PaymentReport>(&event->report))
            hear(tx, ProviderName::stripe, *payment, event->created_at);
        if (const auto* refund = std::get_if<RefundReport>(&event->report))
            hear(tx, ProviderName::stripe, *refund);
    });
    co_return heard;
}

core::Result<core::List<Payment>> Payments::list_payments(store::Tx& tx, const core::Caller& caller,
                                                          const PaymentsQuery& in) const {
    auto order = find_payable(tx, caller, in.id, in.email);
    if (!order) return std::unexpected(std::move(order.error()));
    core::List<Payment> list;
    for (const auto& row : queries::list_payments(tx, order->id))
        list.data.push_back(shown(tx, row));
    return list;
}

core::Result<Payment> Payments::get_payment(store::Tx& tx, const core::Caller&, const PaymentPath& in) const {
    auto row = queries::find_payment(tx, in.id);
    if (!row) return core::not_found("payment");
    return shown(tx, *row);
}

core::Result<orders::Order> mark_paid(store::Tx& tx, const core::Caller& caller, const MarkPaid& in) {
    auto begun = queries::lock_on_its_way(tx, in.id);
    if (begun && begun->status != PaymentState::pending && begun->status != PaymentState::failed) {
        return core::fail(ErrorCode::conflict, "A payment of this order is on its way (" + begun->id.str() +
                                                   "). Capture it, cancel it, or wait for its end.");
    }
    orders::OrderStep step{in.id, in.note};
    auto order = orders::mark_order_paid(tx, caller, step);
    if (!order) return order;
    if (begun) queue_call(tx, *begun, CallKind::cancel, caller.actor());
    PaymentRow row{.id = PaymentId::at(tx.now()),
                   .order_id = order->id,
                   .provider = ProviderName::manual,
                   .method = method_of(in.method.value_or(ManualMethod::other)),
                   .status = PaymentState::paid,
                   .currency = order->total.currency,
                   .amount = order->total.amount,
                   .captured = order->total.amount};
    if (in.reference) row.reference = in.reference->str();
    queries::insert_payment(tx, row);
    announce(tx, row, "paid");
    return order;
}

core::Result<Payment> Payments::capture(store::Tx& tx, const core::Caller& caller,
                                        const PaymentPath& in) const {
    auto row = lock(tx, in.id, PaymentState::authorized);
    if (!row) return std::unexpected(std::move(row.error()));
    if (!queries::find_waiting(tx, row->id, CallKind::capture))
        queue_call(tx, *row, CallKind::capture, caller.actor());
    return shown(tx, *row);
}

core::Result<Payment> Payments::cancel(store::Tx& tx, const core::Caller& caller,
                                       const PaymentPath& in) const {
    auto row = queries::lock_payment(tx, in.id);
    if (!row) return core::not_found("payment");
    if (!is_on_its_way(row->status)) return std::unexpected(refuse_step(*row));
    if (!queries::find_waiting(tx, row->id, CallKind::cancel))
        queue_call(tx, *row, CallKind::cancel, caller.actor());
    return shown(tx, *row);
}

core::Result<Payment> Payments::refund(store::Tx& tx, const core::Caller& caller,
                                       const RefundPayment& in) const {
    auto row = lock(tx, in.id, PaymentState::paid);
    if (!row) return std::unexpected(std::move(row.error()));
    const std::int64_t left = row->captured - row->refunding;
    const std::int64_t amount = in.amount ? in.amount->value : left;
    if (amount == 0 || !queries::take_for_refund(tx, row->id, amount)) {
        return core::fail_field(
            "/amount", "too_much",
            "Of this payment " + core::to_text(row->money(left)) + " are left to refund.");
    }
    std::optional<std::string> reason;
    if (in.reason) reason = in.reason->str();
    auto call = queue_refund(tx, *row, amount, caller.actor(), std::move(reason));
    auto& provider = state_->provider(row->provider);
    if (!provider.is_remote())
        settle(tx, call_of(tx, *row, call), provider.perform(call_of(tx, *row, call), {}));
    return shown(tx, queries::find_payment(tx, in.id).value());
}

}  // namespace payments
