#include "auth/passkey_queries.hpp"

namespace auth::queries {
namespace {

// A macro, because the text of a statement must be one literal.
#define PASSKEY_COLUMNS                                                                              \
    "id, user_id, name, algorithm, public_key, sign_count, backup_eligible, backed_up, created_at, " \
    "last_used_at, credential_id "

constexpr store::Sql list_sql = "select " PASSKEY_COLUMNS "from passkeys where user_id = $1 order by id";
constexpr store::Sql any_sql = "select 1 from passkeys where user_id = $1 limit 1";
constexpr store::Sql find_sql = "select " PASSKEY_COLUMNS "from passkeys where user_id = $1 and id = $2";
constexpr store::Sql by_credential_sql = "select " PASSKEY_COLUMNS "from passkeys where credential_id = $1";
constexpr store::Sql insert_sql =
    "insert into passkeys (id, credential_id, user_id, name, algorithm, public_key, sign_count, "
    "backup_eligible, "
    "backed_up, aaguid, created_at) "
    "select $1, $2, $3, $4, cast($5 as bigint), $6, cast($7 as bigint), cast($8 as bigint), cast($9 as "
    "bigint), $10, "
    "cast($11 as bigint) where (select count(*) from passkeys where user_id = $3) < $12 "
    "on conflict (credential_id) do nothing";
constexpr store::Sql rename_sql = "update passkeys set name = $3 where user_id = $1 and id = $2";
constexpr store::Sql delete_sql = "delete from passkeys where user_id = $1 and id = $2";
constexpr store::Sql note_use_sql =
    "update passkeys set sign_count = $2, backed_up = $3, last_used_at = $4 "
    "where id = $1 and (sign_count < $2 or (sign_count = 0 and $2 = 0))";

constexpr store::Sql insert_challenge_sql =
    "insert into passkey_challenges (hash, purpose, user_id, ends_at) values ($1, $2, $3, $4)";
constexpr store::Sql take_challenge_sql =
    "delete from passkey_challenges where hash = $1 and purpose = $2 and ends_at > $3 returning user_id";
constexpr store::Sql sweep_challenges_sql =
    "delete from passkey_challenges where hash in "
    "(select hash from passkey_challenges where ends_at < $1 limit $2)";

}  // namespace

std::vector<PasskeyRow> list_passkeys(store::Tx& tx, core::UserId user) {
    return tx.list<PasskeyRow>(list_sql, user);
}

bool has_passkeys(store::Tx& tx, core::UserId user) {
    return tx.find<std::int64_t>(any_sql, user).has_value();
}

std::optional<PasskeyRow> find_passkey(store::Tx& tx, core::UserId user, PasskeyId passkey) {
    return tx.find<PasskeyRow>(find_sql, user, passkey);
}

std::optional<PasskeyRow> find_passkey_by_credential(store::Tx& tx, const std::string& credential_id) {
    return tx.find<PasskeyRow>(by_credential_sql, credential_id);
}

bool insert_passkey(store::Tx& tx, const PasskeyRow& row, const std::string& aaguid, std::int64_t count_max) {
    return tx.count_changed(insert_sql, row.id, row.credential_id, row.user_id, row.name, row.algorithm,
                            row.public_key, row.sign_count, row.backup_eligible, row.backed_up, aaguid,
                            row.created_at, count_max) > 0;
}

bool rename_passkey(store::Tx& tx, core::UserId user, PasskeyId passkey, const core::Text<1, 100>& name) {
    return tx.count_changed(rename_sql, user, passkey, name) > 0;
}

bool delete_passkey(store::Tx& tx, core::UserId user, PasskeyId passkey) {
    return tx.count_changed(delete_sql, user, passkey) > 0;
}

bool note_use(store::Tx& tx, PasskeyId passkey, std::int64_t sign_count, bool backed_up) {
    return tx.count_changed(note_use_sql, passkey, sign_count, backed_up, tx.now()) > 0;
}

void insert_passkey_challenge(store::Tx& tx, const std::string& hash, std::string_view purpose,
                              std::optional<core::UserId> user, core::Time ends_at) {
    tx.run(insert_challenge_sql, hash, purpose, user, ends_at);
}

std::optional<PasskeyChallengeRow> take_passkey_challenge(store::Tx& tx, const std::string& hash,
                                                          std::string_view purpose) {
    return tx.find<PasskeyChallengeRow>(take_challenge_sql, hash, purpose, tx.now());
}

std::int64_t delete_passkey_challenges_ended(store::Tx& tx, std::int64_t limit) {
    return tx.count_changed(sweep_challenges_sql, tx.now(), limit);
}

}  // namespace auth::queries
