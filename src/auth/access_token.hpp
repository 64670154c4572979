// Access tokens: JSON Web Tokens (RFC 7519) of the profile RFC 9068, signed with EdDSA (RFC 8037). Only
// tokens that this class could have written itself are taken: the header is compared, not read, so that no
// `alg`, `jwk`, `jku`, `x5u` or `crit` of somebody else's has a say (RFC 8725 §3).
#pragma once

#include "auth/signing_keys.hpp"

#include "core/caller.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// How a session's holder has shown who they are.
struct Proof {
    core::Time at;                               // the last time, by a password, a code or a passkey
    std::optional<core::Time> second_factor_at;  // by a code or a passkey
};

struct AccessClaims {
    core::Text<1, 500> iss;
    core::Text<1, 200> aud;
    core::UserId sub;
    core::SessionId sid;
    core::Role role = core::Role::customer;
    core::Int<0, core::amount_max> iat;  // seconds since 1970 (RFC 7519 §2, NumericDate)
    core::Int<0, core::amount_max> exp;
    core::Int<0, core::amount_max> auth_time;                // of the last proof (OpenID Connect Core §2)
    std::optional<core::Int<0, core::amount_max>> mfa_time;  // of the last second factor
};
BOOST_DESCRIBE_STRUCT(AccessClaims, (), (iss, aud, sub, sid, role, iat, exp, auth_time, mfa_time))

inline constexpr std::size_t access_token_bytes_max = 4096;

class AccessTokens {
public:
    explicit AccessTokens(const Settings& settings);

    // Signs with the first of `keys` whose time has come, and takes tokens of all that a key signed in its
    // time.
    void use(std::vector<TimedKey> keys);

    struct Subject {
        core::UserId user;
        core::SessionId session;
        core::Role role = core::Role::customer;
        Proof proof;
    };
    std::string issue(const Subject& subject, core::Time now) const;

    // Errors: token_expired, unauthenticated. Whether the session was revoked is not known here.
    core::Result<AccessClaims> verify(std::string_view token, core::Time now) const;

    // The keys that sign, will sign, or whose tokens may not have ended.
    JwkSet jwks(core::Time now) const;

private:
    struct Signer {
        TimedKey timed;
        std::string header;  // base64url and the dot behind it
    };
    using Signers = std::shared_ptr<const std::vector<Signer>>;
    Signers signers() const;
    bool has_ended(const Signer& signer, core::Time now) const;

    std::string issuer_;
    std::string audience_;
    std::int64_t lifetime_s_;
    mutable std::mutex mutex_;  // of the pointer: keys change while tokens are read
    Signers signers_ = std::make_shared<const std::vector<Signer>>();
};

// The error of every token that is no good, whatever is wrong with it.
core::Error invalid_token();
core::Error expired_token();

}  // namespace auth
