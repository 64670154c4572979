// The SQL of API keys.
#pragma once

#include "api_keys/api_keys.hpp"

namespace api_keys::queries {

struct KeyRow {
    core::ApiKeyId id;
    std::string name;
    std::string hash;
    std::string hint;
    std::string permissions;  // names, joined by spaces
    std::string created_by;
    core::Time created_at;
    std::optional<core::Time> last_used_at;
};
BOOST_DESCRIBE_STRUCT(KeyRow, (), (id, name, hash, hint, permissions, created_by, created_at, last_used_at))

// False if there are `max` already.
bool insert_key(store::Tx& tx, const KeyRow& row, std::int64_t max);
std::vector<KeyRow> list_keys(store::Tx& tx);
std::vector<KeyRow> list_keys_before(store::Tx& tx, core::ApiKeyId before,
                                     std::int64_t limit);  // newest first
std::optional<KeyRow> find_key(store::Tx& tx, core::ApiKeyId key);
std::vector<KeyRow> list_keys_made_by(store::Tx& tx, std::string_view actor);
bool delete_key(store::Tx& tx, core::ApiKeyId key);
void note_use(store::Tx& tx, core::ApiKeyId key, core::Time used_at);

}  // namespace api_keys::queries
