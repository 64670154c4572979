#include "auth/decide.hpp"
#include "auth/decision_log.hpp"
#include "auth/passkeys.hpp"
#include "auth/routes.hpp"

namespace auth {
namespace {

template <class T>
using Answer = boost::asio::awaitable<core::Result<T>>;

// Coroutines, because a refusal commits as well: it has used the challenge up.
Answer<Passkey> register_one(store::Database& database, const Passkeys& passkeys, core::Caller caller,
                             PasskeyRegistration request) {
    auto work = [&](store::Tx& tx) { return passkeys.register_passkey(tx, caller, request); };
    auto made = co_await decide(database, work);
    log_decision(made ? "passkey registered" : "passkey refused", caller, caller.actor());
    co_return made;
}

Answer<SignedIn> log_in(store::Database& database, const Passkeys& passkeys, core::Caller caller,
                        PasskeyLogIn request) {
    auto work = [&](store::Tx& tx) { return passkeys.log_in(tx, caller, request); };
    auto signed_in = co_await decide(database, work);
    if (signed_in) {
        log_decision("logged in with a passkey", caller, signed_in->user.id.text());
    } else {
        log_decision("log-in with a passkey refused", caller, {});
    }
    co_return signed_in;
}

}  // namespace

void add_passkey_routes(http::Api& api, store::Database& database, const Passkeys& passkeys,
                        const RefreshCookie& cookie) {
    using http::Nothing;
    auto for_changes = http::signed_in.with_reauthentication();

    api.post("/v1/auth/passkeys/register/begin", for_changes, "What navigator.credentials.create() needs")
        .writes([&passkeys](store::Tx& tx, const core::Caller& caller, const Nothing&) {
            return passkeys.begin_registration(tx, caller);
        });
    api.post("/v1/auth/passkeys/register/finish", http::signed_in, "Keep the passkey that the browser made")
        .answers(201)
        .runs([&database, &passkeys](const core::Caller& caller, PasskeyRegistration request) {
            return register_one(database, passkeys, caller, std::move(request));
        });
    api.post("/v1/auth/passkeys/login/begin", http::everyone_whatever_token,
             "What navigator.credentials.get() needs, to sign in or to step up")
        .writes([&passkeys](store::Tx& tx, const core::Caller&, const Nothing&) {
            return passkeys.begin_log_in(tx);
        });
    http::Route logging_in =
        api.post("/v1/auth/passkeys/login/finish", http::everyone_whatever_token,
                 "Sign in with a passkey: no password, and both factors given")
            .runs([&database, &passkeys](const core::Caller& caller, PasskeyLogIn request) {
                return log_in(database, passkeys, caller, std::move(request));
            });
    keep_in_cookie<SignedIn>(logging_in, cookie);

    auto get = [&passkeys](store::Tx& tx, const core::Caller& caller, const PasskeyRef& ref) {
        return passkeys.get(tx, caller, ref);
    };
    api.get("/v1/me/passkeys", http::signed_in, "Your passkeys, oldest first")
        .reads([&passkeys](store::Tx& tx, const core::Caller& caller, const Nothing&) {
            return passkeys.list(tx, caller);
        });
    api.get("/v1/me/passkeys/{id}", http::signed_in, "One of your passkeys").reads(get);
    api.patch("/v1/me/passkeys/{id}", http::signed_in, "Rename a passkey")
        .writes([&passkeys](store::Tx& tx, const core::Caller& caller, const PasskeyPatch& patch) {
            return passkeys.rename(tx, caller, patch);
        })
        .guarded_by(get);
    api.del("/v1/me/passkeys/{id}", for_changes, "Remove a passkey")
        .writes([&passkeys](store::Tx& tx, const core::Caller& caller, const PasskeyRef& ref) {
            return passkeys.remove(tx, caller, ref);
        })
        .guarded_by(get);
}

}  // namespace auth
