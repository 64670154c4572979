#include "api_keys/api_keys.hpp"

#include "core/json_write.hpp"

namespace api_keys {

void ApiKeys::add_routes(http::Api& api) {
    constexpr auto owner = http::needs(core::Permission::settings_write);
    api.room("api keys");
    api.get("/v1/api-keys", owner, "The keys of programs, newest first; never the secret itself")
        .reads(list_keys);
    api.post("/v1/api-keys", owner.with_second_factor(),
             "Make a key for a program, with permissions you have yourself; its secret is shown this once")
        .answers(201)
        .writes(make_key)
        .answers_secret<MadeApiKey>([](const MadeApiKey& made) { return core::to_json<ApiKey>(made); });
    api.get("/v1/api-keys/{id}", owner, "A key; never its secret").reads(get_key);
    api.del("/v1/api-keys/{id}", owner, "Delete a key; it stops working at once")
        .writes(delete_key)
        .guarded_by(get_key);
}

}  // namespace api_keys
