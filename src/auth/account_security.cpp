#include "auth/account_security.hpp"

#include "auth/decide.hpp"
#include "auth/decision_log.hpp"
#include "auth/password_policy.hpp"

namespace auth {
namespace {

template <class T>
std::unexpected<core::Error> error_of(T& result) {
    return std::unexpected(std::move(result.error()));
}

}  // namespace

AccountSecurity::Answer<http::Nothing> AccountSecurity::change_password(core::Caller caller,
                                                                        PasswordChange request) {
    core::UserId user = *caller.user;
    auto proven = co_await own_password_.prove(user, request.current_password);
    if (!proven) {
        log_decision("password change refused", caller, user.text());
        co_return error_of(proven);
    }
    auto allowed = check_password(request.new_password, proven->profile.email, proven->profile.name,
                                  "/new_password", settings_.password_length_min);
    if (!allowed) co_return error_of(allowed);
    auto new_hash = co_await hasher_.hash(request.new_password.reveal());
    if (!new_hash) co_return error_of(new_hash);

    auto work = [&](store::Tx& tx) -> core::Result<http::Nothing> {
        if (!users::replace_password_hash(tx, user, proven->password_hash, *new_hash))
            return core::fail(core::ErrorCode::invalid_credentials, "The current password is wrong.");
        sessions_.revoke_all(tx, user, caller.session, "password_changed");
        tx.append_event("user.password_changed", user.str());
        return http::Nothing{};
    };
    auto changed = co_await store::write(database_, work);
    log_decision(changed ? "password changed" : "password change refused", caller, user.text());
    co_return changed;
}

AccountSecurity::Answer<TotpEnrolment> AccountSecurity::begin_totp(core::Caller caller,
                                                                   PasswordProof request) {
    auto proven = co_await own_password_.prove(*caller.user, request.password);
    if (!proven) co_return error_of(proven);
    auto work = [&](store::Tx& tx) { return factors_.enrol(tx, proven->profile); };
    auto enrolment = co_await store::write(database_, work);
    log_decision(enrolment ? "authenticator app offered" : "authenticator app refused", caller,
                 caller.actor());
    co_return enrolment;
}

AccountSecurity::Answer<TotpConfirmed> AccountSecurity::confirm_totp(core::Caller caller, CodeProof request) {
    core::UserId user = *caller.user;
    auto work = [&](store::Tx& tx) -> core::Result<TotpConfirmed> {
        auto codes = factors_.confirm(tx, user, request.code);
        if (!codes) return error_of(codes);
        sessions_.revoke_all(tx, user, caller.session, "mfa_changed");
        auto token = sessions_.prove(tx, caller, Factor::second);
        if (!token) return error_of(token);
        return TotpConfirmed{.recovery_codes = std::move(*codes),
                             .access_token = std::move(token->access_token),
                             .expires_in = token->expires_in};
    };
    auto confirmed = co_await store::write(database_, work);
    log_decision(confirmed ? "authenticator app confirmed" : "authenticator app not confirmed", caller,
                 user.text());
    co_return confirmed;
}

AccountSecurity::Answer<http::Nothing> AccountSecurity::remove_totp(core::Caller caller, FullProof request) {
    core::UserId user = *caller.user;
    auto proven = co_await own_password_.prove(user, request.password);
    if (!proven) co_return error_of(proven);
    auto work = [&](store::Tx& tx) -> core::Result<http::Nothing> {
        if (auto right = factors_.spend_code(tx, user, request.code); !right) return error_of(right);
        if (auto removed = factors_.remove(tx, user); !removed) return error_of(removed);
        sessions_.revoke_all(tx, user, caller.session, "mfa_changed");
        return http::Nothing{};
    };
    auto removed = co_await decide(database_, work);
    log_decision(removed ? "authenticator app removed" : "authenticator app not removed", caller,
                 user.text());
    co_return removed;
}

AccountSecurity::Answer<NewRecoveryCodes> AccountSecurity::renew_recovery_codes(core::Caller caller,
                                                                                CodeProof request) {
    core::UserId user = *caller.user;
    auto work = [&](store::Tx& tx) -> core::Result<NewRecoveryCodes> {
        if (auto right = factors_.spend_code(tx, user, request.code); !right) return error_of(right);
        return NewRecoveryCodes{factors_.renew_recovery_codes(tx, user)};
    };
    auto renewed = co_await decide(database_, work);
    log_decision(renewed ? "recovery codes renewed" : "recovery codes not renewed", caller, user.text());
    co_return renewed;
}

AccountSecurity::Answer<FreshToken> AccountSecurity::step_up(core::Caller caller, StepUp request) {
    int proofs = request.code.has_value() + request.password.has_value() + request.credential.has_value();
    if (proofs != 1)
        co_return core::fail_field("/code", "required",
                                   "send a code, or the password, or a passkey's credential");
    core::UserId user = *caller.user;
    if (request.password) {
        auto proven = co_await own_password_.prove(user, *request.password);
        if (!proven) {
            log_decision("step-up refused", caller, user.text());
            co_return error_of(proven);
        }
    }
    auto work = [&](store::Tx& tx) { return prove(tx, caller, request); };
    auto token = co_await decide(database_, work);
    log_decision(token ? "stepped up" : "step-up refused", caller, user.text());
    co_return token;
}

// The password, if that was sent, has been found right already.
core::Result<FreshToken> AccountSecurity::prove(store::Tx& tx, const core::Caller& caller,
                                                const StepUp& request) const {
    if (request.password) return sessions_.prove(tx, caller, Factor::first);
    if (request.code) {
        if (auto right = factors_.spend_code(tx, *caller.user, *request.code); !right) return error_of(right);
    } else {
        auto owner = passkeys_.identify(tx, *request.credential);
        if (!owner) return error_of(owner);
        if (*owner != *caller.user)
            return core::fail(core::ErrorCode::invalid_credentials, "This passkey is another account's.");
    }
    return sessions_.prove(tx, caller, Factor::second);
}

}  // namespace auth
