#include "payments/settling.hpp"

#include "core/currency.hpp"
#include "core/json_write.hpp"
#include "core/log.hpp"
#include "outbound/backoff.hpp"

namespace payments {
namespace {

using orders::PaymentStatus;
using queries::CallRow;
using queries::PaymentRow;

constexpr outbound::Backoff retry{std::chrono::seconds{5}, std::chrono::hours{1}};
// Providers keep keys for 24 hours: a later repetition could be a second one.
constexpr std::chrono::hours given_up_after{20};

struct PaymentEvent {
    PaymentId id;
    core::OrderId order_id;
    ProviderName provider = ProviderName::manual;
    PaymentState status = PaymentState::pending;
    core::Money amount;
    core::Money captured;
    core::Money refunded;
};
BOOST_DESCRIBE_STRUCT(PaymentEvent, (), (id, order_id, provider, status, amount, captured, refunded))

std::string name_of(auto value) {
    return boost::describe::enum_to_string(value, "");
}

// Gives back all of a payment that came for nothing.
void give_back(store::Tx& tx, const PaymentRow& payment, std::string reason) {
    const std::int64_t left = payment.captured - payment.refunding;
    if (left > 0 && queries::take_for_refund(tx, payment.id, left))
        queue_refund(tx, payment, left, name_of(payment.provider), std::move(reason));
}

// Money for an order that wants none: it was cancelled meanwhile, or is paid by another payment already.
void tell_order_of_money(store::Tx& tx, const PaymentRow& payment) {
    const auto order = orders::find_order(tx, payment.order_id).value();
    const auto sums = queries::sums_of(tx, payment.order_id);
    const bool paid_twice = sums.captured - sums.refunded >= order.total.amount + payment.captured;
    orders::note_payment(tx, payment.order_id, PaymentStatus::paid, name_of(payment.provider), {});
    if (order.status == orders::OrderStatus::cancelled && order.shipments.empty()) {
        give_back(tx, payment, "The order was cancelled before it was paid.");
    } else if (paid_twice && order.total.amount > 0) {
        give_back(tx, payment, "The order was paid already.");
    }
}

void tell_order(store::Tx& tx, const PaymentRow& payment) {
    const std::string actor = name_of(payment.provider);
    switch (payment.status) {
        case PaymentState::pending:
        case PaymentState::processing: return;
        case PaymentState::failed:
            orders::note_payment(tx, payment.order_id, PaymentStatus::failed, actor, payment.failure);
            return;
        case PaymentState::authorized:
            orders::note_payment(tx, payment.order_id, PaymentStatus::authorized, actor, {});
            return;
        case PaymentState::voided:
            orders::note_payment(tx, payment.order_id, PaymentStatus::voided, actor, {});
            return;
        case PaymentState::paid: tell_order_of_money(tx, payment); return;
    }
}

// The order's payment status after money went back, or came back.
void tell_order_of_refund(store::Tx& tx, const PaymentRow& payment, const CallRow& refund) {
    const auto order = orders::find_order(tx, payment.order_id).value();
    const auto sums = queries::sums_of(tx, payment.order_id);
    const std::int64_t kept = sums.captured - sums.refunded;
    auto status = PaymentStatus::partially_refunded;
    if (kept == 0) status = PaymentStatus::refunded;
    if (kept >= order.total.amount) status = PaymentStatus::paid;
    std::string note = core::to_text(payment.money(refund.amount));
    if (refund.state == CallState::refused) note += " came back";
    if (refund.reason) note += ": " + *refund.reason;
    orders::note_payment(tx, payment.order_id, status, refund.actor, std::move(note));
}

void close(store::Tx& tx, const PaymentRow& payment, CallKind kind, CallState state, std::string why = {}) {
    auto call = queries::find_waiting(tx, payment.id, kind);
    if (!call) return;
    call->state = state;
    call->settled_at = tx.now();
    if (!why.empty()) call->failure = std::move(why);
    queries::update_call(tx, *call);
}

// What was asked for and has happened, or can't any more, needn't be asked again.
void close_calls(store::Tx& tx, const PaymentRow& payment) {
    close(tx, payment, CallKind::authorise, CallState::done);
    if (payment.status == PaymentState::paid) {
        close(tx, payment, CallKind::capture, CallState::done);
        close(tx, payment, CallKind::cancel, CallState::refused, "The money had come already.");
    }
    if (payment.status == PaymentState::voided) {
        close(tx, payment, CallKind::cancel, CallState::done);
        close(tx, payment, CallKind::capture, CallState::refused, "The payment had been given up.");
    }
}

// Whether these words can be about this payment (SE-16): the reference, the amount and the currency agree.
bool agrees(const PaymentRow& payment, const PaymentReport& report) {
    const bool same_reference = !payment.reference || *payment.reference == report.reference;
    const bool same_money = report.amount == payment.money(payment.amount) && report.captured >= 0 &&
                            report.captured <= payment.amount;
    if (same_reference && same_money) return true;
    spdlog::error("payments: what {} says of {} ({}, {}) is not what was asked for ({}): nothing is changed",
                  name_of(payment.provider), payment.id.text(), core::quoted(report.reference),
                  core::to_text(report.amount), core::to_text(payment.money(payment.amount)));
    return false;
}

// `payment` must be locked.
void apply(store::Tx& tx, PaymentRow payment, const PaymentReport& report, core::Time told_at) {
    if (!agrees(payment, report)) return;
    const bool is_later = told_at >= payment.told_at;
    const bool moves = payment.status != report.state && counts(payment.status, report.state, is_later);
    payment.reference = report.reference;
    if (is_later) payment.told_at = told_at;
    if (moves) {
        payment.status = report.state;
        payment.failure = report.failure;
    }
    if (payment.status == PaymentState::paid) payment.captured = std::max(payment.captured, report.captured);
    if (!is_on_its_way(payment.status)) payment.look_at.reset();
    queries::update_payment(tx, payment);
    close_calls(tx, payment);
    if (!moves) return;
    announce(tx, payment, name_of(payment.status));
    tell_order(tx, payment);
}

// How settled a refund is; words that are less so are old.
int finality_of(CallState state) {
    return static_cast<int>(state);
}

// `payment` must be locked.
void apply(store::Tx& tx, PaymentRow payment, CallRow call, const RefundReport& report) {
    if (finality_of(report.state) <= finality_of(call.state)) return;
    if (report.state == CallState::done) payment.refunded += call.amount;
    if (report.state == CallState::refused) {
        payment.refunding -= call.amount;
        if (call.state == CallState::done) payment.refunded -= call.amount;
    }
    const bool money_moved = report.state == CallState::done || call.state == CallState::done;
    call.state = report.state;
    call.refund_reference = report.reference;
    call.failure = report.failure;
    if (report.state != CallState::pending) call.settled_at = tx.now();
    queries::update_call(tx, call);
    queries::update_payment(tx, payment);
    if (report.state == CallState::pending) return;
    announce(tx, payment, report.state == CallState::done ? "refunded" : "refund_failed");
    if (money_moved) tell_order_of_refund(tx, payment, call);
}

// The provider won't do it.
void refuse(store::Tx& tx, PaymentRow payment, CallRow call, const std::string& why) {
    spdlog::warn("payments: {} of {} was refused: {}", name_of(call.kind), payment.id.text(),
                 core::quoted(why));
    call.state = CallState::refused;
    call.failure = why;
    call.settled_at = tx.now();
    queries::update_call(tx, call);
    switch (call.kind) {
        case CallKind::authorise:
            payment.status = PaymentState::voided;
            payment.look_at.reset();
            close(tx, payment, CallKind::cancel, CallState::done);
            break;
        case CallKind::refund: payment.refunding -= call.amount; break;
        case CallKind::capture:
        case CallKind::cancel:  // it stands otherwise than we thought
            if (is_on_its_way(payment.status)) payment.look_at = tx.now();
    }
    if (call.kind != CallKind::refund) payment.failure = why;
    queries::update_payment(tx, payment);
    announce(tx, payment, call.kind == CallKind::refund ? "refund_failed" : name_of(call.kind) + "_refused");
}

void put_off(store::Tx& tx, const PaymentRow& payment, CallRow call, const std::string& why) {
    const auto next = tx.now() + retry.after(call.attempts);
    if (next > call.created_at + given_up_after) {
        refuse(tx, payment, call, "The provider didn't answer for hours: look there what became of it.");
        return;
    }
    call.next_try_at = next;
    call.failure = why;
    queries::update_call(tx, call);
    spdlog::warn("payments: {} of {} is tried again at {}: {}", name_of(call.kind), payment.id.text(),
                 core::to_rfc3339(next), core::quoted(why));
}

// A refund that somebody made by hand at the provider's.
CallRow add_foreign(store::Tx& tx, PaymentRow& payment, const RefundReport& report) {
    CallRow row{.id = CallId::at(tx.now()),
                .payment_id = payment.id,
                .kind = CallKind::refund,
                .amount = report.amount.amount,
                .actor = name_of(payment.provider),
                .state = CallState::pending,
                .next_try_at = tx.now(),
                .refund_reference = report.reference,
                .created_at = tx.now()};
    queries::insert_call(tx, row);
    payment.refunding += row.amount;
    return row;
}

CallRow queue(store::Tx& tx, CallRow row) {
    row.id = CallId::at(tx.now());
    row.next_try_at = tx.now();
    row.created_at = tx.now();
    queries::insert_call(tx, row);
    tx.append_event(std::string(queued_event), row.payment_id.str());
    return row;
}

}  // namespace

void announce(store::Tx& tx, const PaymentRow& payment, std::string_view what) {
    PaymentEvent event{payment.id,
                       payment.order_id,
                       payment.provider,
                       payment.status,
                       payment.money(payment.amount),
                       payment.money(payment.captured),
                       payment.money(payment.refunded)};
    tx.append_event("payment." + std::string(what), payment.id.str(), core::to_json(event));
}

CallRow queue_call(store::Tx& tx, const PaymentRow& payment, CallKind kind, std::string_view actor) {
    return queue(
        tx, {.payment_id = payment.id, .kind = kind, .amount = payment.amount, .actor = std::string(actor)});
}

CallRow queue_refund(store::Tx& tx, const PaymentRow& payment, std::int64_t amount, std::string_view actor,
                     std::optional<std::string> reason) {
    return queue(tx, {.payment_id = payment.id,
                      .kind = CallKind::refund,
                      .amount = amount,
                      .reason = std::move(reason),
                      .actor = std::string(actor)});
}

Call call_of(store::Tx& tx, const PaymentRow& payment, const CallRow& row) {
    return {.id = row.id,
            .kind = row.kind,
            .payment = payment.id,
            .order = payment.order_id,
            .order_number = orders::find_order(tx, payment.order_id).value().number,
            .reference = payment.reference.value_or(""),
            .amount = payment.money(row.amount),
            .captures_later = payment.captures_later,
            .reason = row.reason};
}

void settle(store::Tx& tx, const Call& call, const Outcome& outcome) {
    auto payment = queries::lock_payment(tx, call.payment);
    auto row = queries::find_call(tx, call.id);
    if (!payment || !row || row->state != CallState::waiting) return;
    if (outcome.kind == Outcome::Kind::unknown) {
        put_off(tx, *payment, *row, outcome.why);
    } else if (outcome.kind == Outcome::Kind::refused) {
        refuse(tx, *payment, *row, outcome.why);
    } else if (outcome.refund) {
        apply(tx, *payment, *row, *outcome.refund);
    } else {
        row->state = CallState::done;
        row->settled_at = tx.now();
        queries::update_call(tx, *row);
        apply(tx, *payment, outcome.payment.value(), tx.now());
    }
}

void hear(store::Tx& tx, ProviderName provider, const PaymentReport& report, core::Time told_at) {
    auto payment = report.payment ? queries::lock_payment(tx, *report.payment)
                                  : queries::lock_payment_of(tx, provider, report.reference);
    if (payment && payment->provider == provider) apply(tx, *payment, report, told_at);
}

void hear(store::Tx& tx, ProviderName provider, const RefundReport& report) {
    auto payment = queries::lock_payment_of(tx, provider, report.payment_reference);
    if (!payment) return;  // of another shop on the same account
    auto call =
        report.call ? queries::find_call(tx, *report.call) : queries::find_refund(tx, report.reference);
    if (!call && report.amount.currency == payment->currency) call = add_foreign(tx, *payment, report);
    if (!call || call->payment_id != payment->id || report.amount != payment->money(call->amount)) {
        spdlog::error("payments: the refund {} is not what was asked for: nothing is changed",
                      core::quoted(report.reference));
        return;
    }
    apply(tx, *payment, *call, report);
}

}  // namespace payments
