// The HTTP surface of auth/, by theme.
#pragma once

#include "auth/access_token.hpp"
#include "auth/account_security.hpp"
#include "auth/sign_in.hpp"

namespace auth {

void add_sign_in_routes(http::Api& api, SignIn& sign_in, const AccessTokens& tokens);
void add_account_routes(http::Api& api, AccountSecurity& security, const SecondFactors& factors);
void add_device_routes(http::Api& api, const Sessions& sessions);

}  // namespace auth
