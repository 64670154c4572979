#include "auth/routes.hpp"

#include "auth/devices.hpp"

namespace auth {
namespace {

template <class In>
void take_from_cookie(http::Route& route, const RefreshCookie& cookie) {
    route.takes<In>([&cookie](const http::Request& request, In& in) -> core::Result<void> {
        if (in.refresh_token) return {};
        auto token = cookie.read(request);
        if (!token) return std::unexpected(std::move(token.error()));
        in.refresh_token = std::move(*token);
        return {};
    });
}

}  // namespace

using http::Nothing;

void add_sign_in_routes(http::Api& api, SignIn& sign_in, const RefreshCookie& cookie,
                        const AccessTokens& tokens) {
    http::Route registering =
        api.post("/v1/auth/register", http::everyone_whatever_token, "Open an account and sign in to it")
            .answers(201)
            .runs([&sign_in](const core::Caller& caller, Registration request) {
                return sign_in.register_user(caller, std::move(request));
            });
    keep_in_cookie<SignedIn>(registering, cookie);
    http::Route logging_in =
        api.post("/v1/auth/login", http::everyone_whatever_token,
                 "Sign in with e-mail address and password; an account with a second factor is asked for it")
            .runs([&sign_in](const core::Caller& caller, LogIn request) {
                return sign_in.log_in(caller, std::move(request));
            });
    keep_in_cookie<LogInAnswer>(logging_in, cookie);
    http::Route answering =
        api.post("/v1/auth/mfa", http::everyone_whatever_token,
                 "Finish signing in with a code of the authenticator app or a recovery code")
            .runs([&sign_in](const core::Caller& caller, MfaAttempt request) {
                return sign_in.answer_challenge(caller, std::move(request));
            });
    keep_in_cookie<SignedIn>(answering, cookie);
    http::Route refreshing = api.post("/v1/auth/refresh", http::everyone_whatever_token,
                                      "Exchange a refresh token for a new pair; it is spent then")
                                 .runs([&sign_in](const core::Caller& caller, RefreshRequest request) {
                                     return sign_in.refresh(caller, std::move(request));
                                 });
    take_from_cookie<RefreshRequest>(refreshing, cookie);
    keep_in_cookie<SignedIn>(refreshing, cookie);
    http::Route leaving =
        api.post("/v1/auth/logout", http::everyone_whatever_token,
                 "End the session of the refresh token, or of the bearer")
            .writes([&sign_in](store::Tx& tx, const core::Caller& caller, const LogOut& request) {
                return sign_in.log_out(tx, caller, request);
            });
    take_from_cookie<LogOut>(leaving, cookie);
    leaving.dressed<Nothing>([&cookie](const http::Request& request, Nothing&, http::Reply& reply) {
        if (RefreshCookie::is_sent(request)) cookie.clear(reply);
    });
    api.get("/.well-known/jwks.json", http::everyone,
            "The public keys that access tokens verify with (RFC 7517)")
        .reads([&tokens](store::Tx& tx, const core::Caller&, const Nothing&) -> core::Result<JwkSet> {
            return tokens.jwks(tx.now());
        });
}

void add_account_routes(http::Api& api, AccountSecurity& security, const SecondFactors& factors) {
    api.post("/v1/me/password", http::signed_in, "Change your password; your other sessions end")
        .runs([&security](const core::Caller& caller, PasswordChange request) {
            return security.change_password(caller, std::move(request));
        });
    api.post("/v1/auth/step-up", http::signed_in,
             "Prove again that it is you, by a code or your password; answers an access token that says so")
        .runs([&security](const core::Caller& caller, StepUp request) {
            return security.step_up(caller, std::move(request));
        });
    api.get("/v1/auth/mfa", http::signed_in, "Your second factors")
        .reads([&factors](store::Tx& tx, const core::Caller& caller,
                          const Nothing&) -> core::Result<SecondFactorList> {
            return factors.list(tx, *caller.user);
        });
    api.post("/v1/auth/mfa/totp", http::signed_in,
             "A secret for your authenticator app, with a QR code to scan; it counts once you confirm it")
        .runs([&security](const core::Caller& caller, PasswordProof request) {
            return security.begin_totp(caller, std::move(request));
        });
    api.post("/v1/auth/mfa/totp/confirm", http::signed_in,
             "The app's first code: from now on signing in asks for one. Answers your recovery codes, once")
        .runs([&security](const core::Caller& caller, CodeProof request) {
            return security.confirm_totp(caller, std::move(request));
        });
    api.del("/v1/auth/mfa/totp", http::signed_in, "Remove your authenticator app and its recovery codes")
        .with_body()
        .runs([&security](const core::Caller& caller, FullProof request) {
            return security.remove_totp(caller, std::move(request));
        });
    api.post("/v1/auth/mfa/recovery-codes", http::signed_in, "New recovery codes; the old ones are void")
        .runs([&security](const core::Caller& caller, CodeProof request) {
            return security.renew_recovery_codes(caller, std::move(request));
        });
}

void add_device_routes(http::Api& api, const Sessions& sessions) {
    api.get("/v1/auth/sessions", http::signed_in, "Where you are signed in, newest first")
        .reads(list_devices);
    // Whoever found an open page can't throw its owner out everywhere else.
    auto for_changes = http::signed_in.with_reauthentication();
    api.del("/v1/auth/sessions/{id}", for_changes, "Sign out there")
        .writes([&sessions](store::Tx& tx, const core::Caller& caller, const DeviceRef& ref) {
            return end_device(tx, caller, ref, sessions);
        });
    api.del("/v1/auth/sessions", for_changes, "Sign out everywhere but here")
        .writes([&sessions](store::Tx& tx, const core::Caller& caller, const Nothing&) {
            return end_other_devices(tx, caller, sessions);
        });
}

}  // namespace auth
