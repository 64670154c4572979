// Sessions and their refresh tokens: begun by a log-in, kept alive by rotation, ended by log-out, reuse or
// age (RFC 9700 §4.14.2). Synchronous rules over a transaction.
#pragma once

#include "auth/access_token.hpp"
#include "auth/settings.hpp"

#include "core/caller.hpp"
#include "store/tx.hpp"
#include "users/users.hpp"

namespace auth {

// What a client holds after signing in.
struct SignedIn {
    users::Profile user;
    std::string access_token;
    std::string token_type = "Bearer";
    std::int64_t expires_in = 0;  // seconds that the access token lives
    std::string refresh_token;    // empty: it is in the cookie that was asked for
};
BOOST_DESCRIBE_STRUCT(SignedIn, (), (user, access_token, token_type, expires_in, refresh_token))

// A new access token for a session that goes on.
struct FreshToken {
    std::string access_token;
    std::string token_type = "Bearer";
    std::int64_t expires_in = 0;
};
BOOST_DESCRIBE_STRUCT(FreshToken, (), (access_token, token_type, expires_in))

// Told of each session that begins: `new_device` if the account has had others, but none with this program.
// The payload also tells session_id, ip and user_agent.
inline constexpr std::string_view session_started_event = "session.started";  // subject: the user

enum class Factor { first, second };

namespace queries {
struct RefreshTokenRow;
}

class Sessions {
public:
    Sessions(const Settings& settings, const AccessTokens& tokens) : settings_(settings), tokens_(tokens) {}

    SignedIn begin(store::Tx& tx, const core::Caller& caller, users::Profile user, core::Time start,
                   Proof proof) const;

    // Errors, which must be committed (decide.hpp), as a spent token that comes back ends its session:
    // unauthenticated (unknown, or of an ended session), token_expired, refresh_token_reused.
    core::Result<SignedIn> refresh(store::Tx& tx, const std::string& token) const;

    // The caller has just given that factor (again). Errors: forbidden for a caller without a session,
    // unauthenticated if it has ended.
    core::Result<FreshToken> prove(store::Tx& tx, const core::Caller& caller, Factor factor) const;

    // Does nothing if it has ended before.
    void revoke(store::Tx& tx, core::SessionId session, std::string_view reason) const;
    // False if the account has no such session that goes on.
    bool revoke_own(store::Tx& tx, core::UserId user, core::SessionId session, std::string_view reason) const;
    // By any refresh token it ever had; an unknown one is no session's.
    void revoke_by_token(store::Tx& tx, const std::string& refresh_token, std::string_view reason) const;
    void revoke_all(store::Tx& tx, core::UserId user, std::optional<core::SessionId> except,
                    std::string_view reason) const;

    // Forgets sessions that ended long ago, a bounded number of them. True if there are more.
    bool sweep(store::Tx& tx) const;

private:
    struct TokenPair {
        std::string access;
        std::string refresh;
    };
    using TokenRow = queries::RefreshTokenRow;

    core::Result<SignedIn> rotate(store::Tx& tx, const std::string& token, const TokenRow& row) const;
    core::Result<SignedIn> replay(store::Tx& tx, const std::string& token, const TokenRow& row) const;
    core::Result<void> check_alive(store::Tx& tx, const TokenRow& row) const;
    core::Time end_of(core::Time created, core::Time used) const;
    Secret replay_key(const std::string& spent_token) const;
    SignedIn answer_of(users::Profile user, TokenPair pair) const;

    const Settings& settings_;
    const AccessTokens& tokens_;
};

}  // namespace auth
