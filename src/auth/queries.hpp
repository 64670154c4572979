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
};
BOOST_DESCRIBE_STRUCT(SigningKeyRow, (), (serial, kid, sealed_seed, public_key, created_at))

std::vector<SigningKeyRow> list_signing_keys(store::Tx& tx);  // newest first
// Does nothing if there is one already.
void insert_first_signing_key(store::Tx& tx, const SigningKeyRow& row);

struct SessionRow {
    core::SessionId id;
    core::UserId user_id;
    std::string ip;
    std::string user_agent;
    core::Time created_at;
    core::Time ends_at;
};
void insert_session(store::Tx& tx, const SessionRow& row);
// False if the session has been revoked.
bool prolong_session(store::Tx& tx, core::SessionId session, core::Time ends_at);
// The owner, if it wasn't revoked before.
std::optional<core::UserId> revoke_session(store::Tx& tx, core::SessionId session);
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
    std::optional<core::Time> revoked_at;
    std::optional<std::string> predecessor;
    std::optional<core::Time> spent_at;
    std::optional<std::string> sealed_successor;
};
BOOST_DESCRIBE_STRUCT(RefreshTokenRow, (),
                      (session_id, user_id, session_created_at, ends_at, revoked_at, predecessor, spent_at,
                       sealed_successor))
std::optional<RefreshTokenRow> find_refresh_token(store::Tx& tx, const std::string& hash);
void insert_refresh_token(store::Tx& tx, const std::string& hash, core::SessionId session,
                          const std::optional<std::string>& predecessor);
// False if somebody else spent it first.
bool spend_refresh_token(store::Tx& tx, const std::string& hash, const std::string& sealed_successor);
void forget_successor(store::Tx& tx, const std::string& hash);

}  // namespace auth::queries
