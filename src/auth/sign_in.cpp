#include "auth/sign_in.hpp"

#include "auth/decide.hpp"
#include "auth/decision_log.hpp"
#include "auth/password_policy.hpp"
#include "auth/queries.hpp"
#include "auth/tries.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace auth {
namespace {

// More of them are told no at once: each that waits is a request in flight, and those are limited for all.
constexpr std::size_t held_off_max = 256;

core::Error wrong_credentials() {
    return {core::ErrorCode::invalid_credentials, "The e-mail address or the password is wrong.", {}, {}};
}

template <class T>
std::unexpected<core::Error> error_of(T& result) {
    return std::unexpected(std::move(result.error()));
}

}  // namespace

// Counted in the transaction that opens the account, or else in one of its own: either way there is one
// commit, so that time doesn't tell which it was.
SignIn::Answer<SignedIn> SignIn::register_user(core::Caller caller, Registration request) {
    auto allowed = check_password(request.password, request.email.text(), request.name.text(), "/password",
                                  settings_.password_length_min);
    if (!allowed) co_return error_of(allowed);
    // A flood is turned away before it costs a read, and who had enough of them before it costs a hash.
    auto turn = hasher_.take_turn();
    if (!turn) {
        co_await hold_off();
        co_return error_of(turn);
    }
    const std::int64_t max = settings_.address_registrations;
    const std::string subject = address_subject(caller.ip, "registrations");
    auto look = [&](store::Tx& tx) { return max > 0 ? check_one(tx, subject, max) : core::Result<void>(); };
    auto free = co_await store::read(database_, look);
    if (!free) {
        log_decision("registration refused: too many of the address", caller, {});
        turn->give_back();
        co_await hold_off();
        co_return error_of(free);
    }
    auto hash = co_await hasher_.hash(request.password.reveal());
    if (!hash) co_return error_of(hash);

    auto count = [&](store::Tx& tx) { return max > 0 ? take_one(tx, subject, max) : core::Result<void>(); };
    auto work = [&](store::Tx& tx) -> core::Result<SignedIn> {
        if (auto counted = count(tx); !counted) return error_of(counted);
        auto profile =
            users::create_user(tx, {.email = request.email, .name = request.name, .password_hash = *hash});
        if (!profile) return error_of(profile);
        return sessions_.begin(tx, caller, std::move(*profile), tx.now(), Proof{tx.now(), {}});
    };
    auto signed_in = co_await store::write(database_, work);
    if (signed_in) {
        log_decision("registered", caller, signed_in->user.id.text());
        co_return signed_in;
    }
    log_decision("registration refused", caller, {});
    auto counted = co_await store::write(database_, count);
    if (!counted) co_return error_of(counted);
    co_return signed_in;
}

SignIn::Answer<LogInAnswer> SignIn::log_in(core::Caller caller, LogIn request) {
    // A flood is turned away before it costs a read, and who has failed too often before it costs a write.
    auto turn = hasher_.take_turn();
    if (!turn) {
        co_await hold_off();
        co_return error_of(turn);
    }
    auto look = [&](store::Tx& tx) { return look_up(tx, caller, request.email); };
    auto known = co_await store::read(database_, look);
    if (!known) {
        log_decision("log-in refused: too many failures", caller, {});
        turn->give_back();
        co_await hold_off();
        co_return error_of(known);
    }
    auto begin = [&](store::Tx& tx) { return take_attempt(tx, caller, request.email); };
    auto attempt = co_await store::write(database_, begin);
    if (!attempt) co_return error_of(attempt);
    const std::optional<users::Credentials>& account = attempt->account;

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
    auto work = [&](store::Tx& tx) { return let_in(tx, caller, *attempt, verdict->upgraded); };
    auto answer = co_await store::write(database_, work);
    std::string_view outcome = !answer                                     ? "log-in refused"
                               : std::holds_alternative<SignedIn>(*answer) ? "logged in"
                                                                           : "second factor asked for";
    log_decision(outcome, caller, account->id.text());
    co_return answer;
}

// A quick no would be asked for again at once, and the processor would be busy with saying it.
boost::asio::awaitable<void> SignIn::hold_off() {
    struct Place {
        explicit Place(std::atomic<std::size_t>& held) : count(held), before(held.fetch_add(1)) {}
        ~Place() { count.fetch_sub(1); }
        std::atomic<std::size_t>& count;
        std::size_t before;
    } place(held_off_);
    if (place.before >= held_off_max) co_return;
    auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor);
    timer.expires_after(settings_.refusal_delay);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

core::Result<SignIn::Attempt> SignIn::look_up(store::Tx& tx, const core::Caller& caller,
                                              const core::Email& email) const {
    Attempt attempt{users::find_credentials(tx, email), password_subject(email)};
    if (attempt.account && queries::has_session_from(tx, attempt.account->id, caller.ip))
        attempt.subject = password_subject(attempt.account->id, caller.ip);
    if (auto allowed = check_tries(tx, attempt.subject); !allowed) return error_of(allowed);
    if (settings_.address_failures > 0) {
        if (auto allowed = check_tries(tx, address_subject(caller.ip)); !allowed) return error_of(allowed);
    }
    return attempt;
}

core::Result<SignIn::Attempt> SignIn::take_attempt(store::Tx& tx, const core::Caller& caller,
                                                   const core::Email& email) const {
    auto attempt = look_up(tx, caller, email);
    if (!attempt) return attempt;
    if (auto allowed = take_try(tx, attempt->subject, password_tries); !allowed) return error_of(allowed);
    if (settings_.address_failures > 0) {
        auto limit = address_tries(settings_.address_failures);
        if (auto allowed = take_try(tx, address_subject(caller.ip), limit); !allowed)
            return error_of(allowed);
    }
    return attempt;
}

core::Result<LogInAnswer> SignIn::let_in(store::Tx& tx, const core::Caller& caller, const Attempt& attempt,
                                         const std::optional<std::string>& upgraded_hash) const {
    core::UserId user = attempt.account->id;
    const std::string& verified_hash = attempt.account->password_hash;
    forget_tries(tx, attempt.subject);
    if (settings_.address_failures > 0) give_back_try(tx, address_subject(caller.ip));
    bool upgraded = upgraded_hash && users::replace_password_hash(tx, user, verified_hash, *upgraded_hash);
    const std::string& hash = upgraded ? *upgraded_hash : verified_hash;
    if (auto methods = factors_.methods(tx, user); !methods.empty())
        return challenges_.begin(tx, user, hash, std::move(methods));
    auto noted = users::note_login(tx, user, hash);
    if (!noted) return std::unexpected(wrong_credentials());  // changed or disabled while we were hashing
    return sessions_.begin(tx, caller, std::move(noted->profile), noted->session_start, Proof{tx.now(), {}});
}

SignIn::Answer<SignedIn> SignIn::answer_challenge(core::Caller caller, MfaAttempt request) {
    auto work = [&](store::Tx& tx) { return challenges_.meet(tx, caller, request); };
    auto signed_in = co_await decide(database_, work);
    if (signed_in) {
        log_decision("logged in with a second factor", caller, signed_in->user.id.text());
    } else {
        log_decision("second factor refused: " + std::string(core::name_of(signed_in.error().code)), caller,
                     {});
    }
    co_return signed_in;
}

SignIn::Answer<SignedIn> SignIn::refresh(core::Caller caller, RefreshRequest request) {
    if (!request.refresh_token) co_return core::fail_field("/refresh_token", "required", "is required");
    auto work = [&](store::Tx& tx) { return sessions_.refresh(tx, request.refresh_token->str()); };
    auto answer = co_await decide(database_, work);
    if (!answer) {
        log_decision("refresh refused: " + std::string(core::name_of(answer.error().code)), caller, {});
    } else {
        log_decision("refreshed", caller, answer->user.id.text());
    }
    co_return answer;
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
