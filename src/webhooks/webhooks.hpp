// Webhooks: staff name URLs and the events they want, and the shop tells them, signed as Standard
// Webhooks 1.0 says. Every committed event is told at least once; events of one subject (an order, a product)
// arrive in their order; what is refused is tried again for three days. Receivers tell repetitions apart by
// the webhook-id header, the event's id. Who would rather ask reads the same events from the feed.
#pragma once

#include "webhooks/endpoint_url.hpp"
#include "webhooks/event_id.hpp"
#include "webhooks/event_pattern.hpp"

#include "core/caller.hpp"
#include "core/page.hpp"
#include "core/patch.hpp"
#include "jobs/runner.hpp"

#include <memory>

namespace webhooks {

using EndpointId = core::Id<"whk">;

inline constexpr std::size_t endpoints_max = 20;  // each is written to for every event it wants
inline constexpr std::size_t patterns_max = 50;
inline constexpr std::chrono::hours old_secret_lifetime{24};  // for receivers to learn the new one

struct Settings {
    bool allows_internal = false;  // http:// and addresses that are not public: for tests and closed networks
    // Secrets are stored sealed. `unseal` gives nothing if the text was sealed under another secret of the
    // server.
    std::function<std::string(std::string_view)> seal;
    std::function<std::optional<std::string>(std::string_view)> unseal;
};

enum class EndpointStatus { enabled, disabled };
BOOST_DESCRIBE_ENUM(EndpointStatus, enabled, disabled)

struct Endpoint {
    EndpointId id;
    std::string url;
    std::string description;
    std::vector<std::string> events;
    EndpointStatus status = EndpointStatus::enabled;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Endpoint, (), (id, url, description, events, status, created_at, updated_at))

struct EndpointDraft {
    EndpointUrl url;
    std::vector<EventPattern> events;
    std::optional<core::Text<0, 200>> description;
};
BOOST_DESCRIBE_STRUCT(EndpointDraft, (), (url, events, description))

struct EndpointPath {
    EndpointId id;
};
BOOST_DESCRIBE_STRUCT(EndpointPath, (), (id))

struct EndpointQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(EndpointQuery, (), (limit, cursor))

struct EndpointPatch {
    EndpointId id;
    std::optional<EndpointUrl> url;
    std::optional<std::vector<EventPattern>> events;
    std::optional<core::Text<0, 200>> description;
    std::optional<EndpointStatus> status;
};
BOOST_DESCRIBE_STRUCT(EndpointPatch, (), (id, url, events, description, status))

// `previous` signs as well until `previous_until`.
struct EndpointSecret {
    std::string secret;
    std::optional<core::Time> previous_until;
};
BOOST_DESCRIBE_STRUCT(EndpointSecret, (), (secret, previous_until))

struct ReplayFrom {
    EndpointId id;
    EventId from;
};
BOOST_DESCRIBE_STRUCT(ReplayFrom, (), (id, from))

enum class DeliveryState { waiting, delivered, failed };
BOOST_DESCRIBE_ENUM(DeliveryState, waiting, delivered, failed)

struct Delivery {
    std::string id;  // grows in the order of the log
    std::string event_id;
    std::string type;
    std::string subject;
    DeliveryState state = DeliveryState::waiting;
    std::int64_t attempts = 0;
    std::optional<core::Time> next_try_at;    // while it waits
    std::optional<std::int64_t> last_status;  // the HTTP status of the last answer, if there was one
    std::optional<std::string> last_error;
    core::Time created_at;
    std::optional<core::Time> settled_at;
};
BOOST_DESCRIBE_STRUCT(Delivery, (),
                      (id, event_id, type, subject, state, attempts, next_try_at, last_status, last_error,
                       created_at, settled_at))

struct DeliveryQuery {
    EndpointId id;
    std::optional<DeliveryState> state;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(DeliveryQuery, (), (id, state, limit, cursor))

// What a webhook's body and the feed say of an event.
struct ToldEvent {
    EventId id;
    std::string type;
    core::Time timestamp;
    std::string subject;  // the id of what it is about
    boost::json::object data;
};
BOOST_DESCRIBE_STRUCT(ToldEvent, (), (id, type, timestamp, subject, data))

ToldEvent tell(const store::Database::LoggedEvent& logged);

struct FeedQuery {
    std::optional<EventId> after;  // absent: from the beginning
    std::optional<EventPattern> type;
    std::optional<core::PageLimit> limit;
};
BOOST_DESCRIBE_STRUCT(FeedQuery, (), (after, type, limit))

// A page of the log. `next` goes into `after`, also when nothing is there yet: what comes later follows it.
struct Feed {
    std::vector<ToldEvent> data;
    bool has_more = false;
    std::optional<EventId> next;
};
BOOST_DESCRIBE_STRUCT(Feed, (), (data, has_more, next))

// The rules. All are for callers with settings:write; routes.cpp says so.
class Webhooks {
public:
    Webhooks(Settings settings, store::Database& database);

    // The endpoint is told of what happens from now on. Errors: validation_failed; conflict when there are
    // `endpoints_max`.
    core::Result<Endpoint> create(store::Tx& tx, const core::Caller& caller,
                                  const EndpointDraft& draft) const;
    core::Result<core::List<Endpoint>> list(store::Tx& tx, const EndpointQuery& query) const;
    core::Result<Endpoint> get(store::Tx& tx, const EndpointPath& path) const;
    // One that was disabled is told of what happens from its enabling on.
    core::Result<Endpoint> update(store::Tx& tx, const EndpointPatch& patch) const;
    core::Result<void> remove(store::Tx& tx, const EndpointPath& path) const;

    core::Result<EndpointSecret> get_secret(store::Tx& tx, const EndpointPath& path) const;
    // The new one is read with get_secret(), so that no stored answer to a POST holds it.
    core::Result<Endpoint> rotate_secret(store::Tx& tx, const EndpointPath& path) const;

    // Tells this endpoint again of every event it wants, from this one on.
    core::Result<Endpoint> replay(store::Tx& tx, const ReplayFrom& from) const;
    // The latest first.
    core::Result<core::List<Delivery>> list_deliveries(store::Tx& tx, const DeliveryQuery& query) const;
    core::Result<Feed> read_feed(store::Tx& tx, const FeedQuery& query) const;

private:
    core::Result<void> check(const EndpointUrl& url) const;
    core::Result<void> check(const std::vector<EventPattern>& events) const;

    Settings settings_;
    store::Database& database_;
};

// Owns the thread that copies events into deliveries and sends them. Several nodes on one database share the
// work: a delivery is claimed by one of them.
class Sender {
public:
    Sender(Settings settings, store::Database& database);
    ~Sender();

    void start();
    // Breaks off what is on its way: it is sent again after the next start.
    void stop();

    // Part of Database::on_commit.
    void on_commit(std::span<const store::Event> events);

    // Forgets deliveries settled a while ago; true if there are more. A schedule's work.
    static bool sweep(store::Tx& tx);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace webhooks
