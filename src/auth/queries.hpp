// The SQL of sessions, refresh tokens and signing keys.
#pragma once

#include "core/caller.hpp"
#include "store/tx.hpp"

namespace auth::queries {

struct SigningKeyRow {
    std::int64_t serial = 0;
    std::string kid;
    std::string sealed_seed;
    std::string public_key;
    core::Time created_at;
    core::Time signs_from;
};
BOOST_DESCRIBE_STRUCT(SigningKeyRow, (), (serial, kid, sealed_seed, public_key, created_at, signs_from))

std::vector<SigningKeyRow> list_signing_keys(store::Tx& tx);  // newest first
// False if there is one of that serial already.
bool insert_signing_key(store::Tx& tx, const SigningKeyRow& row);
std::int64_t last_signing_key_serial(store::Tx& tx);  // 0: there is none

struct SessionRow {
    core::SessionId id;
    core::UserId user_id;
    std::string ip;
    std::string user_agent;
    core::Time created_at;
    core::Time ends_at;
    core::Time authenticated_at;
    std::optional<core::Time> second_factor_at;
};
void insert_session(store::Tx& tx, const SessionRow& row);
// Whether the account has had a session from that address, or with that program. Those that ended a week ago
// don't count.
bool has_session_from(store::Tx& tx, core::UserId user, std::string_view ip);
bool has_session_with(store::Tx& tx, core::UserId user, std::string_view user_agent);
bool has_sessions(store::Tx& tx, core::UserId user);

// What an access token says of its session.
struct SessionStanding {
    core::UserId user_id;
    core::Time authenticated_at;
    std::optional<core::Time> second_factor_at;
};
BOOST_DESCRIBE_STRUCT(SessionStanding, (), (user_id, authenticated_at, second_factor_at))
// Notes a proof of now. Empty if the session has been revoked.
std::optional<SessionStanding> prove_session(store::Tx& tx, core::SessionId session, bool by_second_factor);

struct DeviceRow {
    core::SessionId id;
    core::Time created_at;
    core::Time last_used_at;
    std::string ip;
    std::string user_agent;
};
BOOST_DESCRIBE_STRUCT(DeviceRow, (), (id, created_at, last_used_at, ip, user_agent))
// Those that go on, newest first, behind `before`, at most `limit`.
std::vector<DeviceRow> list_sessions_of(store::Tx& tx, core::UserId user, core::SessionId before,
                                        std::int64_t limit);

// False if the session has been revoked.
bool prolong_session(store::Tx& tx, core::SessionId session, core::Time ends_at);
// The owner, if it wasn't revoked before.
std::optional<core::UserId> revoke_session(store::Tx& tx, core::SessionId session);
// False if the account has no such session that goes on.
bool revoke_session_of(store::Tx& tx, core::UserId user, core::SessionId session);
std::vector<core::SessionId> revoke_sessions_of(store::Tx& tx, core::UserId user,
                                                std::optional<core::SessionId> except);
// At most `limit`; returns how many.
std::int64_t delete_sessions_ended_before(store::Tx& tx, core::Time time, std::int64_t limit);

struct RevokedSession {
    core::SessionId id;
    core::Time revoked_at;
};
BOOST_DESCRIBE_STRUCT(RevokedSession, (), (id, revoked_at))
std::vector<RevokedSession> list_revoked_sessions(store::Tx& tx, core::Time since);

// A refresh token, and the session it belongs to.
struct RefreshTokenRow {
    core::SessionId session_id;
    core::UserId user_id;
    core::Time session_created_at;
    core::Time ends_at;
    core::Time authenticated_at;
    std::optional<core::Time> second_factor_at;
    std::optional<core::Time> revoked_at;
    std::optional<std::string> predecessor;
    std::optional<core::Time> spent_at;
    std::optional<std::string> sealed_successor;
};
BOOST_DESCRIBE_STRUCT(RefreshTokenRow, (),
                      (session_id, user_id, session_created_at, ends_at, authenticated_at, second_factor_at,
                       revoked_at, predecessor, spent_at, sealed_successor))
std::optional<RefreshTokenRow> find_refresh_token(store::Tx& tx, const std::string& hash);
void insert_refresh_token(store::Tx& tx, const std::string& hash, core::SessionId session,
                          const std::optional<std::string>& predecessor);
// False if somebody else spent it first.
bool spend_refresh_token(store::Tx& tx, const std::string& hash, const std::string& sealed_successor);
void forget_successor(store::Tx& tx, const std::string& hash);

}  // namespace auth::queries
