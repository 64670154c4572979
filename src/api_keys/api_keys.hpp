// Keys of programs: `Authorization: Bearer sk_…` with permissions instead of a person. The program makes one
// ApiKeys, hands it the commits, starts it after the migrations and asks it about every bearer token that
// is_api_key().
#pragma once

#include "core/page.hpp"
#include "http/api.hpp"
#include "jobs/runner.hpp"
#include "store/database.hpp"

#include <memory>

namespace api_keys {

inline constexpr std::size_t keys_max =
    100;  // of a shop: each is held in memory, and nobody keeps track of more

// A permission by the name that clients know.
struct PermissionName {
    core::Permission permission = core::Permission::catalog_write;

    static core::Checked<PermissionName> from_text(std::string_view text);
    std::string_view text() const { return core::name_of(permission); }
    static boost::json::object schema();
};

struct ApiKey {
    core::ApiKeyId id;
    std::string name;
    std::string hint;  // how the key begins
    std::vector<std::string> permissions;
    std::string created_by;
    core::Time created_at;
    std::optional<core::Time> last_used_at;  // to the minute
};
BOOST_DESCRIBE_STRUCT(ApiKey, (), (id, name, hint, permissions, created_by, created_at, last_used_at))

struct NewApiKey {
    core::Text<1, 100> name;
    std::vector<PermissionName> permissions;
};
BOOST_DESCRIBE_STRUCT(NewApiKey, (), (name, permissions))

struct MadeApiKey : ApiKey {
    std::string key;  // "sk_…", shown this once
};
BOOST_DESCRIBE_STRUCT(MadeApiKey, (ApiKey), (key))

struct ApiKeyRef {
    core::ApiKeyId id;
};
BOOST_DESCRIBE_STRUCT(ApiKeyRef, (), (id))

struct ApiKeyQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(ApiKeyQuery, (), (limit, cursor))

bool is_api_key(std::string_view bearer_token);

// Errors: forbidden for a permission that the caller lacks, conflict beyond keys_max, validation_failed
// without any.
core::Result<MadeApiKey> make_key(store::Tx& tx, const core::Caller& caller, const NewApiKey& wanted);
// Newest first.
core::Result<core::List<ApiKey>> list_keys(store::Tx& tx, const core::Caller& caller,
                                           const ApiKeyQuery& query);
core::Result<ApiKey> get_key(store::Tx& tx, const core::Caller& caller, const ApiKeyRef& ref);
core::Result<http::Nothing> delete_key(store::Tx& tx, const core::Caller& caller, const ApiKeyRef& ref);

class ApiKeys {
public:
    explicit ApiKeys(store::Database& database);
    ~ApiKeys();

    // Learns which keys there are. After the migrations, before the first request.
    void start();
    // Part of Database::on_commit: a key works, or stops to, before whoever made or deleted it hears so.
    void on_commit(std::span<const store::Event> events);
    // Part of the live feed: the same for keys of other nodes. Reads them anew, because the feed may tell
    // that a key was made when it is deleted already.
    void on_news(std::span<const store::Event> events);

    // Never blocks and never reads the database. Errors: unauthenticated.
    core::Result<void> authenticate(std::string_view key, core::Time now, core::Caller& caller) const;

    void add_routes(http::Api& api);
    // Keys that somebody made who may do less now go with that.
    std::vector<jobs::Follower> followers();
    std::vector<jobs::Schedule> schedules();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace api_keys
