// Log-ins whose password was right and whose second factor is asked for (SE-6): a token that is good for five
// minutes and five codes.
#pragma once

#include "auth/second_factors.hpp"
#include "auth/sessions.hpp"

#include "core/text.hpp"

namespace auth {

using MfaTokenText = core::Text<1, 200>;

// The other answer of a log-in.
struct MfaChallenge {
    bool mfa_required = true;
    std::string mfa_token;
    std::vector<std::string> methods;
};
BOOST_DESCRIBE_STRUCT(MfaChallenge, (), (mfa_required, mfa_token, methods))

struct MfaAttempt {
    MfaTokenText mfa_token;
    CodeText code;
};
BOOST_DESCRIBE_STRUCT(MfaAttempt, (), (mfa_token, code))

class Challenges {
public:
    Challenges(const SecondFactors& factors, const Sessions& sessions)
        : factors_(factors), sessions_(sessions) {}

    // For an account whose password was just found to be the one with this stored hash.
    MfaChallenge begin(store::Tx& tx, core::UserId user, const std::string& verified_hash,
                       std::vector<std::string> methods) const;

    // Signs in. Errors, which must be committed (decide.hpp): unauthenticated if the token is no good or used
    // up, or the password has changed meanwhile; invalid_credentials; rate_limited.
    core::Result<SignedIn> meet(store::Tx& tx, const core::Caller& caller, const MfaAttempt& attempt) const;

    // Forgets those that nobody met, a bounded number of them. True if there are more.
    bool sweep(store::Tx& tx) const;

private:
    const SecondFactors& factors_;
    const Sessions& sessions_;
};

}  // namespace auth
