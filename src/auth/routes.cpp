#include "auth/routes.hpp"

namespace auth {

void add_routes(http::Api& api, SignIn& sign_in, const AccessTokens& tokens) {
    using http::Nothing;
    api.room("auth");

    api.post("/v1/auth/register", http::everyone_whatever_token, "Open an account and sign in to it")
        .answers(201)
        .runs([&sign_in](const core::Caller& caller, Registration request) {
            return sign_in.register_user(caller, std::move(request));
        });
    api.post("/v1/auth/login", http::everyone_whatever_token, "Sign in with e-mail address and password")
        .runs([&sign_in](const core::Caller& caller, LogIn request) {
            return sign_in.log_in(caller, std::move(request));
        });
    api.post("/v1/auth/refresh", http::everyone_whatever_token,
             "Exchange a refresh token for a new pair; it is spent then")
        .runs([&sign_in](const core::Caller& caller, RefreshRequest request) {
            return sign_in.refresh(caller, std::move(request));
        });
    api.post("/v1/auth/logout", http::everyone_whatever_token,
             "End the session of the refresh token, or of the bearer")
        .writes([&sign_in](store::Tx& tx, const core::Caller& caller, const LogOut& request) {
            return sign_in.log_out(tx, caller, request);
        });
    api.post("/v1/me/password", http::signed_in, "Change your password; your other sessions end")
        .runs([&sign_in](const core::Caller& caller, PasswordChange request) {
            return sign_in.change_password(caller, std::move(request));
        });
    api.get("/.well-known/jwks.json", http::everyone,
            "The public keys that access tokens verify with (RFC 7517)")
        .reads([&tokens](store::Tx&, const core::Caller&, const Nothing&) -> core::Result<JwkSet> {
            return tokens.jwks();
        });
}

}  // namespace auth
