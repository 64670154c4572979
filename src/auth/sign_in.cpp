#include "auth/sign_in.hpp"

#include "auth/password_policy.hpp"

#include "core/log.hpp"

namespace auth {
namespace {

// One line for each decision (ASVS 16.3.1): who, from where, and never a secret or an address somebody typed.
void log_decision(std::string_view what, const core::Caller& caller, std::string_view user) {
    spdlog::info("auth: {} user={} ip={} request={}", what, user.empty() ? "unknown" : user,
                 core::quoted(caller.ip), core::quoted(caller.request_id));
}

core::Error wrong_credentials() {
    return {core::ErrorCode::invalid_credentials, "The e-mail address or the password is wrong.", {}, {}};
}

template <class T>
std::unexpected<core::Error> error_of(T& result) {
    return std::unexpected(std::move(result.error()));
}

struct OwnAccount {
    users::Credentials credentials;
    users::Profile profile;
};

core::Result<OwnAccount> get_own_account(store::Tx& tx, core::UserId user) {
    auto credentials = users::find_credentials(tx, user);
    if (!credentials) return core::not_found("account");
    auto profile = users::get_profile(tx, user);
    if (!profile) return error_of(profile);
    return OwnAccount{std::move(*credentials), std::move(*profile)};
}

}  // namespace

SignIn::Answer<SignedIn> SignIn::register_user(core::Caller caller, Registration request) {
    auto allowed = check_password(request.password, request.email.text(), request.name.text(), "/password");
    if (!allowed) co_return error_of(allowed);
    auto hash = co_await hasher_.hash(request.password.reveal());
    if (!hash) co_return error_of(hash);

    auto work = [&](store::Tx& tx) -> core::Result<SignedIn> {
        auto profile =
            users::create_user(tx, {.email = request.email, .name = request.name, .password_hash = *hash});
        if (!profile) return error_of(profile);
        return sessions_.begin(tx, caller, std::move(*profile), tx.now());
    };
    auto signed_in = co_await store::write(database_, work);
    if (signed_in) {
        log_decision("registered", caller, signed_in->user.id.text());
    } else {
        log_decision("registration refused", caller, {});
    }
    co_return signed_in;
}

SignIn::Answer<SignedIn> SignIn::log_in(core::Caller caller, LogIn request) {
    auto find = [&](store::Tx& tx) { return users::find_credentials(tx, request.email); };
    auto found = co_await store::read(database_, find);
    if (!found) co_return error_of(found);
    const std::optional<users::Credentials>& account = *found;

    std::optional<std::string> stored;
    if (account) stored = account->password_hash;
    auto verdict = co_await hasher_.verify(stored, request.password.reveal());
    if (!verdict) co_return error_of(verdict);
    if (!verdict->matches) {
        log_decision("log-in refused: wrong credentials", caller,
                     account ? account->id.text() : std::string_view{});
        co_return std::unexpected(wrong_credentials());
    }
    if (account->disabled) {
        log_decision("log-in refused: disabled", caller, account->id.text());
        co_return core::fail(core::ErrorCode::invalid_credentials, "This account is disabled.");
    }

    auto work = [&](store::Tx& tx) -> core::Result<SignedIn> {
        auto noted = users::note_login(tx, account->id, account->password_hash);
        if (!noted) return std::unexpected(wrong_credentials());  // changed or disabled while we were hashing
        if (verdict->upgraded)
            users::replace_password_hash(tx, account->id, account->password_hash, *verdict->upgraded);
        return sessions_.begin(tx, caller, std::move(noted->profile), noted->session_start);
    };
    auto signed_in = co_await store::write(database_, work);
    log_decision(signed_in ? "logged in" : "log-in refused", caller, account->id.text());
    co_return signed_in;
}

SignIn::Answer<SignedIn> SignIn::refresh(core::Caller caller, RefreshRequest request) {
    auto work = [&](store::Tx& tx) { return sessions_.refresh(tx, request.refresh_token.str()); };
    auto outcome = co_await store::write(database_, work);
    if (!outcome) co_return error_of(outcome);
    auto& answer = outcome->answer;
    if (!answer) {
        log_decision("refresh refused: " + std::string(core::name_of(answer.error().code)), caller, {});
    } else {
        log_decision("refreshed", caller, answer->user.id.text());
    }
    co_return std::move(answer);
}

SignIn::Answer<http::Nothing> SignIn::change_password(core::Caller caller, PasswordChange request) {
    core::UserId user = *caller.user;
    auto find = [&](store::Tx& tx) { return get_own_account(tx, user); };
    auto account = co_await store::read(database_, find);
    if (!account) co_return error_of(account);
    const std::string old_hash = account->credentials.password_hash;

    auto verdict = co_await hasher_.verify(old_hash, request.current_password.reveal());
    if (!verdict) co_return error_of(verdict);
    auto wrong = core::fail(core::ErrorCode::invalid_credentials, "The current password is wrong.");
    if (!verdict->matches) {
        log_decision("password change refused: wrong credentials", caller, user.text());
        co_return wrong;
    }
    const auto& profile = account->profile;
    auto allowed = check_password(request.new_password, profile.email, profile.name, "/new_password");
    if (!allowed) co_return error_of(allowed);
    auto new_hash = co_await hasher_.hash(request.new_password.reveal());
    if (!new_hash) co_return error_of(new_hash);

    auto work = [&](store::Tx& tx) -> core::Result<http::Nothing> {
        if (!users::replace_password_hash(tx, user, old_hash, *new_hash)) return wrong;
        sessions_.revoke_all(tx, user, caller.session, "password_changed");
        tx.append_event("user.password_changed", user.str());
        return http::Nothing{};
    };
    auto changed = co_await store::write(database_, work);
    log_decision(changed ? "password changed" : "password change refused", caller, user.text());
    co_return changed;
}

core::Result<http::Nothing> SignIn::log_out(store::Tx& tx, const core::Caller& caller,
                                            const LogOut& request) const {
    if (!caller.session && !request.refresh_token) {
        return core::fail(core::ErrorCode::unauthenticated, "Send the refresh token, or be signed in.");
    }
    if (request.refresh_token) sessions_.revoke_by_token(tx, request.refresh_token->str(), "logout");
    if (caller.session) sessions_.revoke(tx, *caller.session, "logout");
    log_decision("log-out", caller, caller.user ? caller.user->text() : std::string_view{});
    return http::Nothing{};
}

}  // namespace auth
