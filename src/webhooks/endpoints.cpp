#include "webhooks/webhooks.hpp"

#include "webhooks/queries.hpp"
#include "webhooks/signature.hpp"

#include <charconv>

namespace webhooks {
namespace {

constexpr std::string_view list_order = "latest";
constexpr std::string_view endpoints_order = "oldest";

// The place just before an event, so that what comes after it begins with the event.
store::Database::Position before(store::Database::Position position) {
    return {position.transaction, position.id - 1};
}

}  // namespace

Webhooks::Webhooks(Settings settings, store::Database& database)
    : settings_(std::move(settings)), database_(database) {}

core::Result<void> Webhooks::check(const EndpointUrl& url) const {
    if (url.is_internal() && !settings_.allows_internal) {
        return core::fail_field(
            "/url", "not_public",
            "must begin with https:// and lead to a public address. A shop in a closed network "
            "allows others with KONTOR_WEBHOOK_TARGETS=any.");
    }
    return {};
}

core::Result<void> Webhooks::check(const std::vector<EventPattern>& events) const {
    if (events.empty() || events.size() > patterns_max) {
        return core::fail_field(
            "/events", "out_of_range",
            "must name 1 to " + std::to_string(patterns_max) + " kinds of events; * for all");
    }
    return {};
}

core::Result<Endpoint> Webhooks::create(store::Tx& tx, const core::Caller&,
                                        const EndpointDraft& draft) const {
    if (auto good = check(draft.url); !good) return std::unexpected(std::move(good.error()));
    if (auto good = check(draft.events); !good) return std::unexpected(std::move(good.error()));
    auto end = database_.last_event(tx);
    auto row = queries::insert_endpoint(tx, {.id = EndpointId::at(tx.now()),
                                             .url = draft.url.str(),
                                             .description = draft.description ? draft.description->str() : "",
                                             .events = queries::to_json(draft.events),
                                             .sealed_secret = settings_.seal(make_secret()),
                                             .cursor_transaction = end.transaction,
                                             .cursor_event = end.id});
    if (!row) {
        return core::fail(core::ErrorCode::conflict, "There are " + std::to_string(endpoints_max) +
                                                         " webhooks already. Delete one that is not needed.");
    }
    tx.append_event("webhook.changed", row->id.str());
    return row->endpoint();
}

core::Result<core::List<Endpoint>> Webhooks::list(store::Tx& tx, const EndpointQuery& query) const {
    auto after = core::place_of(query.cursor, endpoints_order, EndpointId::lowest());
    if (!after) return std::unexpected(std::move(after.error()));
    const std::int64_t limit = query.limit.value_or(core::page_limit_default);
    std::vector<Endpoint> endpoints;
    for (const auto& row : queries::list_endpoints_after(tx, *after, limit + 1))
        endpoints.push_back(row.endpoint());
    return core::page_by_id(std::move(endpoints), limit, endpoints_order);
}

core::Result<Endpoint> Webhooks::get(store::Tx& tx, const EndpointPath& path) const {
    auto row = queries::find_endpoint(tx, path.id);
    if (!row) return core::not_found("webhook");
    return row->endpoint();
}

core::Result<Endpoint> Webhooks::update(store::Tx& tx, const EndpointPatch& patch) const {
    auto row = queries::find_endpoint(tx, patch.id);
    if (!row) return core::not_found("webhook");
    if (patch.url) {
        if (auto good = check(*patch.url); !good) return std::unexpected(std::move(good.error()));
        row->url = patch.url->str();
    }
    if (patch.events) {
        if (auto good = check(*patch.events); !good) return std::unexpected(std::move(good.error()));
        row->events = queries::to_json(*patch.events);
    }
    if (patch.description) row->description = patch.description->str();
    if (patch.status && *patch.status != row->status) {
        row->status = *patch.status;
        auto end = database_.last_event(tx);
        row->cursor_transaction = end.transaction;
        row->cursor_event = end.id;
    }
    auto updated = queries::update_endpoint(tx, *row);
    if (!updated) return core::not_found("webhook");
    tx.append_event("webhook.changed", updated->id.str());
    return updated->endpoint();
}

core::Result<void> Webhooks::remove(store::Tx& tx, const EndpointPath& path) const {
    if (!queries::delete_endpoint(tx, path.id)) return core::not_found("webhook");
    tx.append_event("webhook.changed", path.id.str());
    return {};
}

core::Result<EndpointSecret> Webhooks::get_secret(store::Tx& tx, const EndpointPath& path) const {
    auto row = queries::find_endpoint(tx, path.id);
    if (!row) return core::not_found("webhook");
    auto secret = settings_.unseal(row->sealed_secret);
    if (!secret) {
        return core::fail(core::ErrorCode::conflict,
                          "This secret was stored under another KONTOR_SECRET. Rotate it to get a new one.");
    }
    return EndpointSecret{std::move(*secret), row->old_secret_until};
}

core::Result<Endpoint> Webhooks::rotate_secret(store::Tx& tx, const EndpointPath& path) const {
    auto row = queries::find_endpoint(tx, path.id);
    if (!row) return core::not_found("webhook");
    queries::set_secrets(tx, row->id, settings_.seal(make_secret()), row->sealed_secret,
                         tx.now() + old_secret_lifetime);
    tx.append_event("webhook.changed", path.id.str());
    return get(tx, path);
}

core::Result<Endpoint> Webhooks::replay(store::Tx& tx, const ReplayFrom& from) const {
    auto row = queries::find_endpoint(tx, from.id);
    if (!row) return core::not_found("webhook");
    if (row->status == EndpointStatus::disabled)
        return core::fail(core::ErrorCode::conflict, "This webhook is disabled. Enable it first.");
    auto place = before(from.from.position());
    row->cursor_transaction = place.transaction;
    row->cursor_event = place.id;
    auto updated = queries::update_endpoint(tx, *row);
    if (!updated) return core::not_found("webhook");
    tx.append_event("webhook.changed", updated->id.str());
    return updated->endpoint();
}

core::Result<core::List<Delivery>> Webhooks::list_deliveries(store::Tx& tx,
                                                             const DeliveryQuery& query) const {
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    if (query.cursor) {
        const std::string& key = query.cursor->key;
        auto read = std::from_chars(key.data(), key.data() + key.size(), before);
        if (query.cursor->order != list_order || read.ec != std::errc{} ||
            read.ptr != key.data() + key.size())
            return core::fail(core::ErrorCode::invalid_parameter, "The cursor belongs to another list.");
    }
    if (!queries::find_endpoint(tx, query.id)) return core::not_found("webhook");
    auto limit = query.limit ? query.limit->value : core::page_limit_default;
    return core::page_of(
        queries::list_deliveries(tx, query, before, limit + 1), limit,
        [](const Delivery& last) { return core::Cursor{std::string(list_order), last.id, ""}; });
}

}  // namespace webhooks
