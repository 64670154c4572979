// The HTTP surface of accounts: one's own profile and addresses, and everybody's for staff.
#pragma once

#include "core/text.hpp"
#include "http/api.hpp"

namespace users {

// Checks the password of a signed-in caller; auth/ provides it. Errors: invalid_credentials, rate_limited,
// overloaded.
using ProvePassword =
    std::function<boost::asio::awaitable<core::Result<void>>(core::UserId, core::PasswordAttempt)>;

void add_routes(http::Api& api, ProvePassword prove_password);

}  // namespace users
