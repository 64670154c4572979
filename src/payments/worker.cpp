// The reconciling worker: makes the calls that are due, whoever queued them and whatever became of a first
// try, and asks after payments whose end nobody has told of. After a crash between a provider's answer and
// its commit, this is what finds out.
#include "payments/settling.hpp"
#include "payments/state.hpp"

#include "core/log.hpp"
#include "core/or_throw.hpp"

namespace payments {
namespace {

using core::or_throw;
using std::chrono::milliseconds;

constexpr std::chrono::seconds lease{25};  // longer than any call
constexpr milliseconds look_every{2000};   // catches what other nodes queued
constexpr std::chrono::minutes looked_at_first{10};
constexpr std::chrono::hours looked_at_last{6};

// A young payment is asked after more often: nearly all are decided within minutes, and told of by events.
milliseconds next_look(core::Time now, core::Time created_at) {
    return std::clamp<milliseconds>(now - created_at, looked_at_first, looked_at_last);
}

}  // namespace

milliseconds Payments::State::round(const std::stop_token& stop) {
    if (make_due_call(stop) || look_after_one(stop)) return milliseconds(0);
    return or_throw(store::read_now(database, [](store::Tx& tx) {
        milliseconds wait = look_every;
        for (auto next : {queries::find_next_due(tx), queries::find_next_look(tx)}) {
            if (next && *next > tx.now()) wait = std::min(wait, *next - tx.now());
        }
        return wait;
    }));
}

bool Payments::State::make_due_call(const std::stop_token& stop) {
    auto due = or_throw(store::read_now(database, queries::find_due_call));
    if (!due) return false;
    struct Claimed {
        Call call;
        ProviderName provider;
    };
    auto claimed = or_throw(store::write_now(database, [&](store::Tx& tx) -> std::optional<Claimed> {
        auto row = *due;
        if (!queries::claim(tx, row, tx.now() + lease)) return {};  // another node was quicker
        const auto payment = queries::find_payment(tx, row.payment_id).value();
        return Claimed{call_of(tx, payment, row), payment.provider};
    }));
    if (!claimed) return true;
    auto outcome = provider(claimed->provider).perform(claimed->call, stop);
    if (stop.stop_requested() && outcome.kind == Outcome::Kind::unknown)
        return true;  // due again with its lease
    or_throw(store::write_now(database, [&](store::Tx& tx) { settle(tx, claimed->call, outcome); }));
    return true;
}

bool Payments::State::look_after_one(const std::stop_token& stop) {
    auto is_time = [](store::Tx& tx) {
        auto next = queries::find_next_look(tx);
        return next && *next <= tx.now();
    };
    if (!or_throw(store::read_now(database, is_time))) return false;
    auto payment = or_throw(store::write_now(database, [&](store::Tx& tx) {
        auto claimed = queries::claim_look(tx, tx.now() + looked_at_first);
        if (claimed && claimed->created_at + settings.pending_for < tx.now() &&
            claimed->status != PaymentState::authorized && claimed->reference &&
            !queries::find_waiting(tx, claimed->id, CallKind::cancel)) {
            queue_call(tx, *claimed, CallKind::cancel, "expiry");
        }
        return claimed;
    }));
    if (!payment) return true;
    auto& asked = provider(payment->provider);
    if (!payment->reference || !asked.is_remote()) return true;
    auto outcome = asked.look_up(*payment->reference, stop);
    or_throw(store::write_now(database, [&](store::Tx& tx) {
        if (outcome.payment) hear(tx, payment->provider, *outcome.payment, tx.now());
        auto row = queries::lock_payment(tx, payment->id);
        if (!row || !row->look_at) return;
        row->look_at = tx.now() + next_look(tx.now(), row->created_at);
        queries::update_payment(tx, *row);
    }));
    if (!outcome.payment)
        spdlog::warn("payments: {} can't be asked after: {}", payment->id.text(), core::quoted(outcome.why));
    return true;
}

}  // namespace payments
