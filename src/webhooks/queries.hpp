// The SQL of webhook endpoints and of deliveries on their way.
#pragma once

#include "webhooks/webhooks.hpp"

namespace webhooks::queries {

using Position = store::Database::Position;

struct EndpointRow {
    EndpointId id;
    std::string url;
    std::string description;
    std::string events;  // a JSON array of patterns
    EndpointStatus status = EndpointStatus::enabled;
    std::string sealed_secret;
    std::optional<std::string> sealed_old_secret;
    std::optional<core::Time> old_secret_until;
    std::int64_t cursor_transaction = 0;
    std::int64_t cursor_event = 0;
    core::Time created_at;
    core::Time updated_at;

    Position cursor() const { return {cursor_transaction, cursor_event}; }
    std::vector<EventPattern> patterns() const;
    Endpoint endpoint() const;
};
BOOST_DESCRIBE_STRUCT(EndpointRow, (),
                      (id, url, description, events, status, sealed_secret, sealed_old_secret,
                       old_secret_until, cursor_transaction, cursor_event, created_at, updated_at))

std::string to_json(const std::vector<EventPattern>& patterns);

// Empty if there are `endpoints_max` already.
std::optional<EndpointRow> insert_endpoint(store::Tx& tx, const EndpointRow& row);
std::vector<EndpointRow> list_endpoints(store::Tx& tx);
std::vector<EndpointRow> list_endpoints_after(store::Tx& tx, EndpointId after, std::int64_t limit);
std::optional<EndpointRow> find_endpoint(store::Tx& tx, EndpointId id);
// Replaces url, description, events, status and cursor; empty if it is gone.
std::optional<EndpointRow> update_endpoint(store::Tx& tx, const EndpointRow& row);
bool delete_endpoint(store::Tx& tx, EndpointId id);
void set_secrets(store::Tx& tx, EndpointId id, const std::string& sealed, const std::string& sealed_old,
                 core::Time old_until);
void disable(store::Tx& tx, EndpointId id);
// False if the cursor is not at `from` any more: another node has copied these events.
bool move_cursor(store::Tx& tx, EndpointId id, Position from, Position to);

// `log_id`: the event's id in the log, which its place among those of its subject goes by.
void insert_delivery(store::Tx& tx, EndpointId endpoint, std::int64_t log_id, const ToldEvent& event,
                     const std::string& body);
std::vector<Delivery> list_deliveries(store::Tx& tx, const DeliveryQuery& query, std::int64_t before,
                                      std::int64_t limit);

// A delivery that may be sent: the first of its subject that waits, and due.
struct DueDelivery {
    std::int64_t number = 0;
    std::int64_t log_id = 0;
    std::string event_id;
    std::string type;
    std::string subject;
    std::string body;
    std::int64_t attempts = 0;
    core::Time next_try_at;
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(DueDelivery, (),
                      (number, log_id, event_id, type, subject, body, attempts, next_try_at, created_at))

std::vector<DueDelivery> list_due(store::Tx& tx, EndpointId endpoint, std::int64_t limit);
std::optional<core::Time> find_next_due(store::Tx& tx, EndpointId endpoint);
// Keeps it from other nodes until `lease_ends`, and counts an attempt. False if another one has it.
bool claim(store::Tx& tx, const DueDelivery& due, core::Time lease_ends);

struct Outcome {
    std::int64_t number = 0;
    EndpointId endpoint;
    std::string subject;
    std::optional<std::int64_t> status;
    std::optional<std::string> error;
};
// Those of the same subject behind it are due.
void settle(store::Tx& tx, const Outcome& outcome, DeliveryState state);
// Those of the same subject behind it wait as long.
void put_off(store::Tx& tx, const Outcome& outcome, core::Time until);

// At most `limit`; returns how many.
std::int64_t delete_settled_before(store::Tx& tx, core::Time time, std::int64_t limit);

}  // namespace webhooks::queries
