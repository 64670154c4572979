#include "auth/queries.hpp"

namespace auth::queries {
namespace {

constexpr store::Sql list_keys_sql =
    "select serial, kid, sealed_seed, public_key, created_at, signs_from from signing_keys order by serial "
    "desc";
constexpr store::Sql insert_key_sql =
    "insert into signing_keys (serial, kid, sealed_seed, public_key, created_at, signs_from) "
    "values ($1, $2, $3, $4, $5, $6) on conflict (serial) do nothing";
constexpr store::Sql last_key_sql = "select coalesce(max(serial), 0) from signing_keys";

constexpr store::Sql insert_session_sql =
    "insert into sessions (id, user_id, ip, user_agent, created_at, last_used_at, ends_at, authenticated_at, "
    "second_factor_at) values ($1, $2, $3, $4, $5, $5, $6, $7, $8)";
constexpr store::Sql session_from_sql = "select 1 from sessions where user_id = $1 and ip = $2 limit 1";
constexpr store::Sql session_with_sql =
    "select 1 from sessions where user_id = $1 and user_agent = $2 limit 1";
constexpr store::Sql any_session_sql = "select 1 from sessions where user_id = $1 limit 1";
constexpr store::Sql prove_session_sql =
    "update sessions set authenticated_at = $2, "
    "second_factor_at = case when $3 = 1 then $2 else second_factor_at end "
    "where id = $1 and revoked_at is null returning user_id, authenticated_at, second_factor_at";
constexpr store::Sql prolong_session_sql =
    "update sessions set last_used_at = $2, ends_at = $3 where id = $1 and revoked_at is null";
constexpr store::Sql revoke_session_sql =
    "update sessions set revoked_at = $2, ends_at = $2 where id = $1 and revoked_at is null returning "
    "user_id";
constexpr store::Sql list_sessions_sql =
    "select s.id, s.created_at, s.last_used_at, s.ip, s.user_agent from sessions s join users u on u.id = "
    "s.user_id "
    "where s.user_id = $1 and s.id < $2 and s.revoked_at is null and s.ends_at > $3 "
    "and s.created_at >= u.sessions_valid_from order by s.id desc limit $4";
constexpr store::Sql revoke_session_of_sql =
    "update sessions set revoked_at = $3, ends_at = $3 "
    "where user_id = $1 and id = $2 and revoked_at is null and ends_at > $3";
constexpr store::Sql revoke_sessions_sql =
    "update sessions set revoked_at = $3, ends_at = $3 "
    "where user_id = $1 and id <> $2 and revoked_at is null and ends_at > $3 returning id";
constexpr store::Sql delete_ended_sql =
    "delete from sessions where id in (select id from sessions where ends_at < $1 order by ends_at limit $2)";
constexpr store::Sql list_revoked_sql =
    "select id, revoked_at from sessions where revoked_at is not null and revoked_at >= $1";

constexpr store::Sql find_token_sql =
    "select t.session_id, s.user_id, s.created_at, s.ends_at, s.authenticated_at, s.second_factor_at, "
    "s.revoked_at, t.predecessor, t.spent_at, t.sealed_successor from refresh_tokens t join sessions s on "
    "s.id = t.session_id where t.hash = $1";
constexpr store::Sql insert_token_sql =
    "insert into refresh_tokens (hash, session_id, predecessor) values ($1, $2, $3)";
constexpr store::Sql spend_token_sql =
    "update refresh_tokens set spent_at = $2, sealed_successor = $3 where hash = $1 and spent_at is null";
constexpr store::Sql forget_successor_sql =
    "update refresh_tokens set sealed_successor = null where hash = $1";

}  // namespace

std::vector<SigningKeyRow> list_signing_keys(store::Tx& tx) {
    return tx.list<SigningKeyRow>(list_keys_sql);
}

bool insert_signing_key(store::Tx& tx, const SigningKeyRow& row) {
    return tx.count_changed(insert_key_sql, row.serial, row.kid, row.sealed_seed, row.public_key,
                            row.created_at, row.signs_from) > 0;
}

std::int64_t last_signing_key_serial(store::Tx& tx) {
    return tx.get<std::int64_t>(last_key_sql);
}

void insert_session(store::Tx& tx, const SessionRow& row) {
    tx.run(insert_session_sql, row.id, row.user_id, row.ip, row.user_agent, row.created_at, row.ends_at,
           row.authenticated_at, row.second_factor_at);
}

bool has_session_from(store::Tx& tx, core::UserId user, std::string_view ip) {
    return tx.find<std::int64_t>(session_from_sql, user, ip).has_value();
}

bool has_session_with(store::Tx& tx, core::UserId user, std::string_view user_agent) {
    return tx.find<std::int64_t>(session_with_sql, user, user_agent).has_value();
}

bool has_sessions(store::Tx& tx, core::UserId user) {
    return tx.find<std::int64_t>(any_session_sql, user).has_value();
}

std::optional<SessionStanding> prove_session(store::Tx& tx, core::SessionId session, bool by_second_factor) {
    return tx.find<SessionStanding>(prove_session_sql, session, tx.now(), by_second_factor);
}

bool prolong_session(store::Tx& tx, core::SessionId session, core::Time ends_at) {
    return tx.count_changed(prolong_session_sql, session, tx.now(), ends_at) > 0;
}

std::optional<core::UserId> revoke_session(store::Tx& tx, core::SessionId session) {
    return tx.find<core::UserId>(revoke_session_sql, session, tx.now());
}

std::vector<DeviceRow> list_sessions_of(store::Tx& tx, core::UserId user, core::SessionId before,
                                        std::int64_t limit) {
    return tx.list<DeviceRow>(list_sessions_sql, user, before, tx.now(), limit);
}

bool revoke_session_of(store::Tx& tx, core::UserId user, core::SessionId session) {
    return tx.count_changed(revoke_session_of_sql, user, session, tx.now()) > 0;
}

std::vector<core::SessionId> revoke_sessions_of(store::Tx& tx, core::UserId user,
                                                std::optional<core::SessionId> except) {
    std::string_view kept = except ? except->text() : std::string_view{};
    return tx.list<core::SessionId>(revoke_sessions_sql, user, kept, tx.now());
}

std::int64_t delete_sessions_ended_before(store::Tx& tx, core::Time time, std::int64_t limit) {
    return tx.count_changed(delete_ended_sql, time, limit);
}

std::vector<RevokedSession> list_revoked_sessions(store::Tx& tx, core::Time since) {
    return tx.list<RevokedSession>(list_revoked_sql, since);
}

std::optional<RefreshTokenRow> find_refresh_token(store::Tx& tx, const std::string& hash) {
    return tx.find<RefreshTokenRow>(find_token_sql, hash);
}

void insert_refresh_token(store::Tx& tx, const std::string& hash, core::SessionId session,
                          const std::optional<std::string>& predecessor) {
    tx.run(insert_token_sql, hash, session, predecessor);
}

bool spend_refresh_token(store::Tx& tx, const std::string& hash, const std::string& sealed_successor) {
    return tx.count_changed(spend_token_sql, hash, tx.now(), sealed_successor) > 0;
}

void forget_successor(store::Tx& tx, const std::string& hash) {
    tx.run(forget_successor_sql, hash);
}

}  // namespace auth::queries
