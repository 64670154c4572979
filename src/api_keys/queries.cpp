#include "api_keys/queries.hpp"

namespace api_keys::queries {
namespace {

#define KEY_COLUMNS "id, name, hash, hint, permissions, created_by, created_at, last_used_at "

constexpr store::Sql insert_sql =
    "insert into api_keys (id, name, hash, hint, permissions, created_by, created_at) "
    "select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as text), "
    "cast($6 as text), "
    "cast($7 as bigint) where (select count(*) from api_keys) < $8";
constexpr store::Sql list_sql = "select " KEY_COLUMNS "from api_keys";
constexpr store::Sql list_before_sql =
    "select " KEY_COLUMNS "from api_keys where id < $1 order by id desc limit $2";
constexpr store::Sql find_sql = "select " KEY_COLUMNS "from api_keys where id = $1";
constexpr store::Sql list_made_by_sql = "select " KEY_COLUMNS "from api_keys where created_by = $1";
constexpr store::Sql delete_sql = "delete from api_keys where id = $1";
constexpr store::Sql note_use_sql =
    "update api_keys set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $2)";

}  // namespace

bool insert_key(store::Tx& tx, const KeyRow& row, std::int64_t max) {
    return tx.count_changed(insert_sql, row.id, row.name, row.hash, row.hint, row.permissions, row.created_by,
                            row.created_at, max) > 0;
}

std::vector<KeyRow> list_keys(store::Tx& tx) {
    return tx.list<KeyRow>(list_sql);
}

std::vector<KeyRow> list_keys_before(store::Tx& tx, core::ApiKeyId before, std::int64_t limit) {
    return tx.list<KeyRow>(list_before_sql, before, limit);
}

std::optional<KeyRow> find_key(store::Tx& tx, core::ApiKeyId key) {
    return tx.find<KeyRow>(find_sql, key);
}

std::vector<KeyRow> list_keys_made_by(store::Tx& tx, std::string_view actor) {
    return tx.list<KeyRow>(list_made_by_sql, actor);
}

bool delete_key(store::Tx& tx, core::ApiKeyId key) {
    return tx.count_changed(delete_sql, key) > 0;
}

void note_use(store::Tx& tx, core::ApiKeyId key, core::Time used_at) {
    tx.run(note_use_sql, key, used_at);
}

}  // namespace api_keys::queries
