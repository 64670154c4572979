#include "payments/queries.hpp"

namespace payments::queries {
namespace {

// Macros, because the text of a statement must be one literal.
#define PAYMENT_COLUMNS                                                                               \
    "id, order_id, provider, reference, method, captures_later, status, currency, amount, captured, " \
    "refunding, refunded, failure, told_at, look_at, created_at, updated_at "
#define CALL_COLUMNS                                                                                \
    "id, payment_id, kind, amount, reason, actor, state, attempts, next_try_at, refund_reference, " \
    "failure, created_at, settled_at "
#define ON_ITS_WAY "status in ('pending', 'processing', 'failed', 'authorized')"

constexpr store::Sql insert_payment_sql =
    "insert into payments (" PAYMENT_COLUMNS
    ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    " on conflict (order_id) where " ON_ITS_WAY " do nothing";
constexpr store::Sql find_payment_sql = "select " PAYMENT_COLUMNS "from payments where id = $1";
// An update that changes nothing is a lock on both engines.
constexpr store::Sql lock_payment_sql =
    "update payments set status = status where id = $1 returning " PAYMENT_COLUMNS;
constexpr store::Sql lock_by_reference_sql =
    "update payments set status = status where provider = $1 and reference = $2 returning " PAYMENT_COLUMNS;
constexpr store::Sql lock_on_its_way_sql =
    "update payments set status = status where order_id = $1 and " ON_ITS_WAY " returning " PAYMENT_COLUMNS;
constexpr store::Sql list_payments_sql =
    "select " PAYMENT_COLUMNS "from payments where order_id = $1 order by id";
constexpr store::Sql update_payment_sql =
    "update payments set reference = $2, status = $3, captured = $4, refunding = $5, refunded = $6, "
    "failure = $7, told_at = $8, look_at = $9, updated_at = $10 where id = $1";
constexpr store::Sql take_for_refund_sql =
    "update payments set refunding = refunding + $2 where id = $1 and captured - refunding >= $2";
constexpr store::Sql sums_sql =
    "select cast(coalesce(sum(captured), 0) as bigint), cast(coalesce(sum(refunded), 0) as bigint) "
    "from payments where order_id = $1";

constexpr store::Sql insert_call_sql = "insert into payment_calls (" CALL_COLUMNS
                                       ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
constexpr store::Sql find_call_sql = "select " CALL_COLUMNS "from payment_calls where id = $1";
constexpr store::Sql find_refund_sql =
    "select " CALL_COLUMNS "from payment_calls where refund_reference = $1";
constexpr store::Sql list_refunds_sql =
    "select " CALL_COLUMNS "from payment_calls where payment_id = $1 and kind = 'refund' order by id";
constexpr store::Sql find_waiting_sql =
    "select " CALL_COLUMNS
    "from payment_calls where payment_id = $1 and kind = $2 and state = 'waiting' order by id limit 1";
constexpr store::Sql update_call_sql =
    "update payment_calls set state = $2, next_try_at = $3, refund_reference = $4, failure = $5, "
    "settled_at = $6 where id = $1";
constexpr store::Sql find_due_sql =
    "select " CALL_COLUMNS
    "from payment_calls as c where state = 'waiting' and next_try_at <= $1 and not exists "
    "(select 1 from payment_calls as e where e.payment_id = c.payment_id and e.state = 'waiting' and e.id < "
    "c.id) "
    "order by next_try_at limit 1";
constexpr store::Sql next_due_sql =
    "select next_try_at from payment_calls where state = 'waiting' order by next_try_at limit 1";
constexpr store::Sql claim_sql =
    "update payment_calls set attempts = attempts + 1, next_try_at = $3 "
    "where id = $1 and next_try_at = $2 and state = 'waiting'";

constexpr store::Sql claim_look_sql =
    "update payments set look_at = $2 where id = "
    "(select id from payments where look_at <= $1 order by look_at limit 1 for update skip locked) "
    "returning " PAYMENT_COLUMNS;
constexpr store::Sql next_look_sql =
    "select look_at from payments where look_at is not null order by look_at limit 1";

constexpr store::Sql insert_event_sql =
    "insert into payment_events (provider, event_id, received_at) values ($1, $2, $3) "
    "on conflict (provider, event_id) do nothing";
constexpr store::Sql delete_events_sql =
    "delete from payment_events where (provider, event_id) in "
    "(select provider, event_id from payment_events where received_at < $1 order by received_at limit $2)";

}  // namespace

bool insert_payment(store::Tx& tx, const PaymentRow& row) {
    return tx.count_changed(insert_payment_sql, row.id, row.order_id, row.provider, row.reference, row.method,
                            row.captures_later, row.status, row.currency, row.amount, row.captured,
                            row.refunding, row.refunded, row.failure, row.told_at, row.look_at, tx.now(),
                            tx.now()) > 0;
}

std::optional<PaymentRow> find_payment(store::Tx& tx, PaymentId payment) {
    return tx.find<PaymentRow>(find_payment_sql, payment);
}

std::optional<PaymentRow> lock_payment(store::Tx& tx, PaymentId payment) {
    return tx.find<PaymentRow>(lock_payment_sql, payment);
}

std::optional<PaymentRow> lock_payment_of(store::Tx& tx, ProviderName provider, std::string_view reference) {
    return tx.find<PaymentRow>(lock_by_reference_sql, provider, reference);
}

std::optional<PaymentRow> lock_on_its_way(store::Tx& tx, core::OrderId order) {
    return tx.find<PaymentRow>(lock_on_its_way_sql, order);
}

std::vector<PaymentRow> list_payments(store::Tx& tx, core::OrderId order) {
    return tx.list<PaymentRow>(list_payments_sql, order);
}

void update_payment(store::Tx& tx, const PaymentRow& row) {
    tx.run(update_payment_sql, row.id, row.reference, row.status, row.captured, row.refunding, row.refunded,
           row.failure, row.told_at, row.look_at, tx.now());
}

bool take_for_refund(store::Tx& tx, PaymentId payment, std::int64_t amount) {
    return tx.count_changed(take_for_refund_sql, payment, amount) > 0;
}

OrderSums sums_of(store::Tx& tx, core::OrderId order) {
    return tx.get<OrderSums>(sums_sql, order);
}

void insert_call(store::Tx& tx, const CallRow& row) {
    tx.run(insert_call_sql, row.id, row.payment_id, row.kind, row.amount, row.reason, row.actor, row.state,
           row.attempts, row.next_try_at, row.refund_reference, row.failure, tx.now(), row.settled_at);
}

std::optional<CallRow> find_call(store::Tx& tx, CallId call) {
    return tx.find<CallRow>(find_call_sql, call);
}

std::optional<CallRow> find_refund(store::Tx& tx, std::string_view refund_reference) {
    return tx.find<CallRow>(find_refund_sql, refund_reference);
}

std::vector<CallRow> list_refunds(store::Tx& tx, PaymentId payment) {
    return tx.list<CallRow>(list_refunds_sql, payment);
}

std::optional<CallRow> find_waiting(store::Tx& tx, PaymentId payment, CallKind kind) {
    return tx.find<CallRow>(find_waiting_sql, payment, kind);
}

void update_call(store::Tx& tx, const CallRow& row) {
    tx.run(update_call_sql, row.id, row.state, row.next_try_at, row.refund_reference, row.failure,
           row.settled_at);
}

std::optional<CallRow> find_due_call(store::Tx& tx) {
    return tx.find<CallRow>(find_due_sql, tx.now());
}

std::optional<core::Time> find_next_due(store::Tx& tx) {
    return tx.find<core::Time>(next_due_sql);
}

bool claim(store::Tx& tx, CallRow& call, core::Time lease_ends) {
    if (tx.count_changed(claim_sql, call.id, call.next_try_at, lease_ends) == 0) return false;
    ++call.attempts;
    call.next_try_at = lease_ends;
    return true;
}

std::optional<PaymentRow> claim_look(store::Tx& tx, core::Time next_look) {
    return tx.find<PaymentRow>(claim_look_sql, tx.now(), next_look);
}

std::optional<core::Time> find_next_look(store::Tx& tx) {
    return tx.find<core::Time>(next_look_sql);
}

bool insert_event(store::Tx& tx, ProviderName provider, std::string_view event_id) {
    return tx.count_changed(insert_event_sql, provider, event_id, tx.now()) > 0;
}

std::int64_t delete_events_before(store::Tx& tx, core::Time time, std::int64_t limit) {
    return tx.count_changed(delete_events_sql, time, limit);
}

}  // namespace payments::queries
