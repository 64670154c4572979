// The HTTP surface of accounts: one's own profile and addresses, and everybody's for staff.
#pragma once

#include "core/text.hpp"
#include "http/api.hpp"
#include "store/tx.hpp"

namespace users {

// Checks the password of a signed-in caller; auth/ provides it. Errors: invalid_credentials, rate_limited,
// overloaded.
using ProvePassword =
    std::function<boost::asio::awaitable<core::Result<void>>(core::UserId, core::PasswordAttempt)>;

// Counts a letter that the caller's address asks for; account/ provides it. Errors: rate_limited.
using CountLetter = std::function<core::Result<void>(store::Tx&, const core::Caller&)>;

void add_routes(http::Api& api, ProvePassword prove_password, CountLetter count_letter);

}  // namespace users
