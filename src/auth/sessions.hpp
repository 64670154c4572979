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
    std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(SignedIn, (), (user, access_token, token_type, expires_in, refresh_token))

namespace queries {
struct RefreshTokenRow;
}

class Sessions {
public:
    Sessions(const Settings& settings, const AccessTokens& tokens) : settings_(settings), tokens_(tokens) {}

    SignedIn begin(store::Tx& tx, const core::Caller& caller, users::Profile user, core::Time start) const;

    // A refusal commits as well: a spent token that comes back ends its session. That is why the answer is
    // wrapped. Errors: unauthenticated (unknown, or of an ended session), token_expired,
    // refresh_token_reused.
    struct RefreshOutcome {
        core::Result<SignedIn> answer;
    };
    RefreshOutcome refresh(store::Tx& tx, const std::string& token) const;

    // Does nothing if it has ended before.
    void revoke(store::Tx& tx, core::SessionId session, std::string_view reason) const;
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
