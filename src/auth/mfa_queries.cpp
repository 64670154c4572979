#include "auth/mfa_queries.hpp"

namespace auth::queries {
namespace {

constexpr store::Sql find_totp_sql =
    "select sealed_secret, confirmed_at from totp_secrets where user_id = $1";
constexpr store::Sql insert_totp_sql =
    "insert into totp_secrets (user_id, sealed_secret, created_at) values ($1, $2, $3) "
    "on conflict (user_id) do update set sealed_secret = $2, created_at = $3 "
    "where totp_secrets.confirmed_at is null";
constexpr store::Sql confirm_totp_sql =
    "update totp_secrets set confirmed_at = $2, last_step = $3 where user_id = $1 and confirmed_at is null";
constexpr store::Sql spend_step_sql =
    "update totp_secrets set last_step = $2 where user_id = $1 and confirmed_at is not null and last_step < "
    "$2";
constexpr store::Sql delete_totp_sql =
    "delete from totp_secrets where user_id = $1 and confirmed_at is not null";

constexpr store::Sql insert_recovery_sql = "insert into recovery_codes (hash, user_id) values ($1, $2)";
constexpr store::Sql delete_recovery_sql = "delete from recovery_codes where hash = $1 and user_id = $2";
constexpr store::Sql delete_recoveries_sql = "delete from recovery_codes where user_id = $1";
constexpr store::Sql count_recovery_sql = "select count(*) from recovery_codes where user_id = $1";

constexpr store::Sql insert_challenge_sql =
    "insert into mfa_challenges (hash, user_id, password_mark, ends_at) values ($1, $2, $3, $4)";
constexpr store::Sql take_challenge_sql =
    "update mfa_challenges set wrong_codes = wrong_codes + 1 where hash = $1 and wrong_codes < $2 and "
    "ends_at > $3 "
    "returning user_id, password_mark, wrong_codes";
constexpr store::Sql delete_challenge_sql = "delete from mfa_challenges where hash = $1";
constexpr store::Sql sweep_challenges_sql =
    "delete from mfa_challenges where hash in (select hash from mfa_challenges where ends_at < $1 limit $2)";

}  // namespace

std::optional<TotpRow> find_totp(store::Tx& tx, core::UserId user) {
    return tx.find<TotpRow>(find_totp_sql, user);
}

bool insert_pending_totp(store::Tx& tx, core::UserId user, const std::string& sealed_secret) {
    return tx.count_changed(insert_totp_sql, user, sealed_secret, tx.now()) > 0;
}

bool confirm_totp(store::Tx& tx, core::UserId user, std::int64_t step) {
    return tx.count_changed(confirm_totp_sql, user, tx.now(), step) > 0;
}

bool spend_totp_step(store::Tx& tx, core::UserId user, std::int64_t step) {
    return tx.count_changed(spend_step_sql, user, step) > 0;
}

bool delete_totp(store::Tx& tx, core::UserId user) {
    return tx.count_changed(delete_totp_sql, user) > 0;
}

void insert_recovery_code(store::Tx& tx, const std::string& hash, core::UserId user) {
    tx.run(insert_recovery_sql, hash, user);
}

bool delete_recovery_code(store::Tx& tx, const std::string& hash, core::UserId user) {
    return tx.count_changed(delete_recovery_sql, hash, user) > 0;
}

void delete_recovery_codes(store::Tx& tx, core::UserId user) {
    tx.run(delete_recoveries_sql, user);
}

std::int64_t count_recovery_codes(store::Tx& tx, core::UserId user) {
    return tx.get<std::int64_t>(count_recovery_sql, user);
}

void insert_challenge(store::Tx& tx, const std::string& hash, core::UserId user,
                      const std::string& password_mark, core::Time ends_at) {
    tx.run(insert_challenge_sql, hash, user, password_mark, ends_at);
}

std::optional<ChallengeRow> take_challenge(store::Tx& tx, const std::string& hash,
                                           std::int64_t wrong_codes_max) {
    return tx.find<ChallengeRow>(take_challenge_sql, hash, wrong_codes_max, tx.now());
}

void delete_challenge(store::Tx& tx, const std::string& hash) {
    tx.run(delete_challenge_sql, hash);
}

std::int64_t delete_challenges_ended_before(store::Tx& tx, core::Time time, std::int64_t limit) {
    return tx.count_changed(sweep_challenges_sql, time, limit);
}

}  // namespace auth::queries
