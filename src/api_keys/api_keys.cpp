#include "api_keys/api_keys.hpp"

#include "api_keys/queries.hpp"
#include "api_keys/ring.hpp"

#include "core/encoding.hpp"
#include "core/json_write.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "users/users.hpp"

#include <boost/json/array.hpp>

namespace api_keys {
namespace {

constexpr std::string_view key_prefix = "sk_";
constexpr std::string_view list_order = "latest";
constexpr std::size_t hint_length = 8;  // of 46 characters; tells keys apart, opens nothing

core::Permissions permissions_in(std::string_view names) {
    core::Permissions permissions;
    while (!names.empty()) {
        std::string_view name = names.substr(0, names.find(' '));
        names.remove_prefix(std::min(names.size(), name.size() + 1));
        if (auto permission = core::permission_from_name(name)) permissions.add(*permission);
    }
    return permissions;
}

std::string joined(const core::Permissions& permissions) {
    std::string names;
    for (const auto& name : permissions.names())
        names += (names.empty() ? "" : " ") + name;
    return names;
}

ApiKey shown(queries::KeyRow row) {
    return {.id = row.id,
            .name = std::move(row.name),
            .hint = std::move(row.hint),
            .permissions = permissions_in(row.permissions).names(),
            .created_by = std::move(row.created_by),
            .created_at = row.created_at,
            .last_used_at = row.last_used_at};
}

void remove_key(store::Tx& tx, core::ApiKeyId key) {
    if (queries::delete_key(tx, key)) tx.append_event(std::string(deleted_event), key.str());
}

}  // namespace

core::Checked<PermissionName> PermissionName::from_text(std::string_view text) {
    if (auto permission = core::permission_from_name(text)) return PermissionName{*permission};
    return std::unexpected(core::Refusal{"invalid_value", "must be a permission, as in orders:read"});
}

boost::json::object PermissionName::schema() {
    boost::json::array names;
    for (const auto& name : core::permissions_of(core::Role::admin).names())
        names.emplace_back(name);
    return {{"type", "string"}, {"enum", std::move(names)}};
}

bool is_api_key(std::string_view bearer_token) {
    return bearer_token.starts_with(key_prefix);
}

core::Result<MadeApiKey> make_key(store::Tx& tx, const core::Caller& caller, const NewApiKey& wanted) {
    core::Permissions permissions;
    for (const auto& name : wanted.permissions)
        permissions.add(name.permission);
    if (permissions.has(core::Permission::chat_agent))
        return core::fail_field("/permissions", "invalid_value",
                                "chat:agent is for people: customers talk to somebody.");
    if (permissions.empty())
        return core::fail_field("/permissions", "required", "A key needs at least one permission.");
    if (!caller.permissions.covers(permissions))
        return core::fail(core::ErrorCode::forbidden, "You can't grant permissions that you don't have.");
    std::string key = std::string(key_prefix) + core::to_base64url(core::random_bytes<32>());
    queries::KeyRow row{.id = core::ApiKeyId::at(tx.now()),
                        .name = wanted.name.str(),
                        .hash = hash_of(key),
                        .hint = key.substr(0, hint_length),
                        .permissions = joined(permissions),
                        .created_by = caller.actor(),
                        .created_at = tx.now(),
                        .last_used_at = {}};
    if (!queries::insert_key(tx, row, keys_max)) {
        return core::fail(core::ErrorCode::conflict, "A shop keeps at most " + std::to_string(keys_max) +
                                                         " keys. Delete one that isn't used any more.");
    }
    tx.append_event(std::string(created_event), row.id.str(),
                    core::to_json(KnownKey{row.hash, row.permissions}));
    return MadeApiKey{shown(std::move(row)), std::move(key)};
}

core::Result<core::List<ApiKey>> list_keys(store::Tx& tx, const core::Caller&, const ApiKeyQuery& query) {
    auto before = core::place_of(query.cursor, list_order, core::ApiKeyId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    const std::int64_t limit = query.limit.value_or(core::page_limit_default);
    std::vector<ApiKey> keys;
    for (auto& row : queries::list_keys_before(tx, *before, limit + 1))
        keys.push_back(shown(std::move(row)));
    return core::page_by_id(std::move(keys), limit, list_order);
}

core::Result<ApiKey> get_key(store::Tx& tx, const core::Caller&, const ApiKeyRef& ref) {
    auto row = queries::find_key(tx, ref.id);
    if (!row) return core::not_found("API key");
    return shown(std::move(*row));
}

core::Result<http::Nothing> delete_key(store::Tx& tx, const core::Caller&, const ApiKeyRef& ref) {
    if (!queries::delete_key(tx, ref.id)) return core::not_found("API key");
    tx.append_event(std::string(deleted_event), ref.id.str());
    return http::Nothing{};
}

struct ApiKeys::State {
    explicit State(store::Database& db) : database(db) {}
    store::Database& database;
    KeyRing ring;

    void load(store::Tx& tx) {
        auto changes = ring.changes();
        std::vector<KeyRing::Entry> entries;
        for (const auto& row : queries::list_keys(tx))
            entries.push_back({row.hash, row.id, permissions_in(row.permissions)});
        ring.replace(entries, changes);
    }
};

ApiKeys::ApiKeys(store::Database& database) : state_(std::make_unique<State>(database)) {}
ApiKeys::~ApiKeys() = default;

void ApiKeys::start() {
    auto read = store::read_now(state_->database, [&](store::Tx& tx) { state_->load(tx); });
    if (!read) throw std::runtime_error("The API keys can't be read: " + read.error().detail);
}

void ApiKeys::on_commit(std::span<const store::Event> events) {
    for (const auto& event : events) {
        auto id = core::ApiKeyId::from_text(event.subject);
        if (!id) continue;
        if (event.type == deleted_event) state_->ring.remove(*id);
        if (event.type != created_event) continue;
        if (auto known = known_key_in(event.payload))
            state_->ring.add({known->hash, *id, permissions_in(known->permissions)});
    }
}

void ApiKeys::on_news(std::span<const store::Event> events) {
    auto concerns = [](const auto& event) {
        return event.type == created_event || event.type == deleted_event;
    };
    if (std::ranges::any_of(events, concerns)) start();
}

core::Result<void> ApiKeys::authenticate(std::string_view key, core::Time now, core::Caller& caller) const {
    auto found = state_->ring.use(hash_of(key), now);
    if (!found) {
        spdlog::info("api_keys: refused ip={} request={}", core::quoted(caller.ip),
                     core::quoted(caller.request_id));
        return core::fail(core::ErrorCode::unauthenticated, "The API key is not valid.");
    }
    caller.api_key = found->id;
    caller.permissions = found->permissions;
    return {};
}

std::vector<jobs::Follower> ApiKeys::followers() {
    auto apply = [](store::Tx& tx, const store::Event& event) {
        core::Permissions left;
        if (auto user = core::UserId::from_text(event.subject)) {
            auto account = users::find_credentials(tx, *user);
            if (account && !account->disabled) left = core::permissions_of(account->role);
        }
        for (const auto& row : queries::list_keys_made_by(tx, event.subject)) {
            if (left.covers(permissions_in(row.permissions))) continue;
            spdlog::warn("api_keys: {} is deleted: {}, who made it, may not do that any more", row.id.text(),
                         event.subject);
            remove_key(tx, row.id);
        }
    };
    return {{.name = "api_keys.of_leavers",
             .types = {std::string(users::role_changed_event), std::string(users::disabled_event)},
             .apply = apply}};
}

std::vector<jobs::Schedule> ApiKeys::schedules() {
    auto note_uses = [this](store::Tx& tx) {
        for (const auto& [id, used_at] : state_->ring.uses())
            queries::note_use(tx, id, used_at);
        return false;
    };
    std::vector<jobs::Schedule> schedules{
        {.name = "api_keys.note_uses", .every = std::chrono::minutes(1), .run = note_uses}};
    if (state_->database.engine() == "postgres") {
        // Keys that another node made or deleted (SE-10: within a second).
        schedules.push_back({.name = "api_keys.of_other_nodes",
                             .every = std::chrono::milliseconds(500),
                             .run = [this](store::Tx& tx) {
                                 state_->load(tx);
                                 return false;
                             }});
    }
    return schedules;
}

}  // namespace api_keys
