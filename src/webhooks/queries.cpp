#include "webhooks/queries.hpp"

#include "core/json_write.hpp"

#include <boost/json/parse.hpp>

namespace webhooks::queries {
namespace {

// Macros, because the text of a statement must be one literal.
#define ENDPOINT_COLUMNS                                                                         \
    "id, url, description, events, status, sealed_secret, sealed_old_secret, old_secret_until, " \
    "cursor_transaction, cursor_event, created_at, updated_at "

constexpr store::Sql insert_endpoint_sql =
    "insert into webhook_endpoints (id, url, description, events, status, sealed_secret, cursor_transaction, "
    "cursor_event, created_at, updated_at) select $1, $2, $3, $4, $5, $6, $7, $8, $9, $9 "
    "where (select count(*) from webhook_endpoints) < $10 returning " ENDPOINT_COLUMNS;
constexpr store::Sql list_endpoints_sql = "select " ENDPOINT_COLUMNS "from webhook_endpoints order by id";
constexpr store::Sql list_endpoints_after_sql =
    "select " ENDPOINT_COLUMNS "from webhook_endpoints where id > $1 order by id limit $2";
constexpr store::Sql find_endpoint_sql = "select " ENDPOINT_COLUMNS "from webhook_endpoints where id = $1";
constexpr store::Sql update_endpoint_sql =
    "update webhook_endpoints set url = $2, description = $3, events = $4, status = $5, cursor_transaction = "
    "$6, "
    "cursor_event = $7, updated_at = $8 where id = $1 returning " ENDPOINT_COLUMNS;
constexpr store::Sql delete_endpoint_sql = "delete from webhook_endpoints where id = $1";
constexpr store::Sql set_secrets_sql =
    "update webhook_endpoints set sealed_secret = $2, sealed_old_secret = $3, old_secret_until = $4, "
    "updated_at = $5 where id = $1";
constexpr store::Sql disable_sql =
    "update webhook_endpoints set status = 'disabled', updated_at = $2 where id = $1";
constexpr store::Sql move_cursor_sql =
    "update webhook_endpoints set cursor_transaction = $4, cursor_event = $5 "
    "where id = $1 and cursor_transaction = $2 and cursor_event = $3 and status = 'enabled'";

constexpr store::Sql insert_delivery_sql =
    "insert into webhook_deliveries (endpoint_id, log_id, event_id, type, subject, body, next_try_at, "
    "created_at) select $1, $2, $3, $4, $5, $6, coalesce((select max(next_try_at) from webhook_deliveries "
    "where endpoint_id = $1 and subject = $5 and state = 'waiting'), $7), $7";
constexpr store::Sql list_deliveries_sql =
    "select cast(number as text), event_id, type, subject, state, attempts, "
    "case when state = 'waiting' then next_try_at end, last_status, last_error, created_at, settled_at "
    "from webhook_deliveries where endpoint_id = $1 and number < $2 "
    "and (cast($3 as text) is null or state = $3) order by number desc limit $4";
constexpr store::Sql list_due_sql =
    "select number, log_id, event_id, type, subject, body, attempts, next_try_at, created_at "
    "from webhook_deliveries d "
    "where endpoint_id = $1 and state = 'waiting' and next_try_at <= $2 and not exists (select 1 "
    "from webhook_deliveries e where e.endpoint_id = d.endpoint_id and e.subject = d.subject "
    "and e.state = 'waiting' and (e.log_id, e.number) < (d.log_id, d.number)) "
    "order by next_try_at, number limit $3";
constexpr store::Sql find_next_due_sql =
    "select next_try_at from webhook_deliveries where endpoint_id = $1 and state = 'waiting' "
    "order by next_try_at limit 1";
constexpr store::Sql claim_sql =
    "update webhook_deliveries set attempts = attempts + 1, next_try_at = $3 "
    "where number = $1 and next_try_at = $2 and state = 'waiting'";
constexpr store::Sql settle_sql =
    "update webhook_deliveries set state = $2, last_status = $3, last_error = $4, settled_at = $5, body = '' "
    "where number = $1";
// What was put behind it while it was under way was given the end of its lease.
constexpr store::Sql release_sql =
    "update webhook_deliveries set next_try_at = $3 "
    "where endpoint_id = $1 and subject = $2 and state = 'waiting' and next_try_at > $3";
constexpr store::Sql note_failure_sql =
    "update webhook_deliveries set last_status = $2, last_error = $3 where number = $1";
constexpr store::Sql put_off_sql =
    "update webhook_deliveries set next_try_at = $3 "
    "where endpoint_id = $1 and subject = $2 and state = 'waiting'";
constexpr store::Sql delete_settled_sql =
    "delete from webhook_deliveries where number in (select number from webhook_deliveries "
    "where settled_at < $1 order by settled_at limit $2)";

}  // namespace

std::vector<EventPattern> EndpointRow::patterns() const {
    std::vector<EventPattern> list;
    for (const auto& item : boost::json::parse(events).as_array())
        list.push_back(EventPattern::from_text(item.as_string()).value());
    return list;
}

Endpoint EndpointRow::endpoint() const {
    Endpoint shown{id, url, description, {}, status, created_at, updated_at};
    for (const auto& pattern : patterns())
        shown.events.emplace_back(pattern.text());
    return shown;
}

std::string to_json(const std::vector<EventPattern>& patterns) {
    return core::to_json(patterns);
}

std::optional<EndpointRow> insert_endpoint(store::Tx& tx, const EndpointRow& row) {
    return tx.find<EndpointRow>(insert_endpoint_sql, row.id, row.url, row.description, row.events, row.status,
                                row.sealed_secret, row.cursor_transaction, row.cursor_event, tx.now(),
                                endpoints_max);
}

std::vector<EndpointRow> list_endpoints(store::Tx& tx) {
    return tx.list<EndpointRow>(list_endpoints_sql);
}

std::vector<EndpointRow> list_endpoints_after(store::Tx& tx, EndpointId after, std::int64_t limit) {
    return tx.list<EndpointRow>(list_endpoints_after_sql, after, limit);
}

std::optional<EndpointRow> find_endpoint(store::Tx& tx, EndpointId id) {
    return tx.find<EndpointRow>(find_endpoint_sql, id);
}

std::optional<EndpointRow> update_endpoint(store::Tx& tx, const EndpointRow& row) {
    return tx.find<EndpointRow>(update_endpoint_sql, row.id, row.url, row.description, row.events, row.status,
                                row.cursor_transaction, row.cursor_event, tx.now());
}

bool delete_endpoint(store::Tx& tx, EndpointId id) {
    return tx.count_changed(delete_endpoint_sql, id) > 0;
}

void set_secrets(store::Tx& tx, EndpointId id, const std::string& sealed, const std::string& sealed_old,
                 core::Time old_until) {
    tx.run(set_secrets_sql, id, sealed, sealed_old, old_until, tx.now());
}

void disable(store::Tx& tx, EndpointId id) {
    tx.run(disable_sql, id, tx.now());
}

bool move_cursor(store::Tx& tx, EndpointId id, Position from, Position to) {
    return tx.count_changed(move_cursor_sql, id, from.transaction, from.id, to.transaction, to.id) > 0;
}

void insert_delivery(store::Tx& tx, EndpointId endpoint, std::int64_t log_id, const ToldEvent& event,
                     const std::string& body) {
    tx.run(insert_delivery_sql, endpoint, log_id, event.id.text(), event.type, event.subject, body, tx.now());
}

std::vector<Delivery> list_deliveries(store::Tx& tx, const DeliveryQuery& query, std::int64_t before,
                                      std::int64_t limit) {
    return tx.list<Delivery>(list_deliveries_sql, query.id, before, query.state, limit);
}

std::vector<DueDelivery> list_due(store::Tx& tx, EndpointId endpoint, std::int64_t limit) {
    return tx.list<DueDelivery>(list_due_sql, endpoint, tx.now(), limit);
}

std::optional<core::Time> find_next_due(store::Tx& tx, EndpointId endpoint) {
    return tx.find<core::Time>(find_next_due_sql, endpoint);
}

bool claim(store::Tx& tx, const DueDelivery& due, core::Time lease_ends) {
    return tx.count_changed(claim_sql, due.number, due.next_try_at, lease_ends) > 0;
}

void settle(store::Tx& tx, const Outcome& outcome, DeliveryState state) {
    tx.run(settle_sql, outcome.number, state, outcome.status, outcome.error, tx.now());
    tx.run(release_sql, outcome.endpoint, outcome.subject, tx.now());
}

void put_off(store::Tx& tx, const Outcome& outcome, core::Time until) {
    tx.run(note_failure_sql, outcome.number, outcome.status, outcome.error);
    tx.run(put_off_sql, outcome.endpoint, outcome.subject, until);
}

std::int64_t delete_settled_before(store::Tx& tx, core::Time time, std::int64_t limit) {
    return tx.count_changed(delete_settled_sql, time, limit);
}

}  // namespace webhooks::queries
