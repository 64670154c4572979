// The HTTP surface of auth/, by theme.
#pragma once

#include "auth/access_token.hpp"
#include "auth/account_security.hpp"
#include "auth/refresh_cookie.hpp"
#include "auth/sign_in.hpp"

namespace auth {

// Of a route that signs in: the refresh token goes into a cookie for those who asked for that.
template <class Out>
void keep_in_cookie(http::Route& route, const RefreshCookie& cookie) {
    route.dressed<Out>([&cookie](const http::Request& request, Out& out, http::Reply& reply) {
        SignedIn* signed_in = nullptr;
        if constexpr (std::is_same_v<Out, SignedIn>) {
            signed_in = &out;
        } else {
            signed_in = std::get_if<SignedIn>(&out);
        }
        if (signed_in && RefreshCookie::is_wanted(request))
            cookie.set(reply, std::exchange(signed_in->refresh_token, {}));
    });
}

void add_sign_in_routes(http::Api& api, SignIn& sign_in, const RefreshCookie& cookie,
                        const AccessTokens& tokens);
void add_account_routes(http::Api& api, AccountSecurity& security, const SecondFactors& factors);
void add_device_routes(http::Api& api, const Sessions& sessions);
void add_passkey_routes(http::Api& api, store::Database& database, const Passkeys& passkeys,
                        const RefreshCookie& cookie);

}  // namespace auth
