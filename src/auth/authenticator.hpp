// From a bearer token to a caller, for every request: a signature is checked once per thread and token, then
// remembered. Never blocks and never reads the database.
#pragma once

#include "auth/access_token.hpp"
#include "auth/revocations.hpp"

namespace auth {

inline constexpr std::size_t remembered_tokens_max = 4096;  // per thread: under 1 MB; then it begins anew

class Authenticator {
public:
    Authenticator(const Settings& settings, const AccessTokens& tokens, const Revocations& revocations);

    // Fills in user, session, role, permissions and what was proved lately. Errors: token_expired;
    // unauthenticated for all else.
    core::Result<void> authenticate(std::string_view token, core::Time now, core::Caller& caller) const;

private:
    const Settings& settings_;
    const AccessTokens& tokens_;
    const Revocations& revocations_;
    std::uint64_t serial_;  // tells what this one remembers from what others (of tests) do
};

}  // namespace auth
