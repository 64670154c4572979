// The HTTP surface of signing in.
#pragma once

#include "auth/access_token.hpp"
#include "auth/sign_in.hpp"

namespace auth {

void add_routes(http::Api& api, SignIn& sign_in, const AccessTokens& tokens);

}  // namespace auth
