// Registering, logging in, staying so and leaving. Coroutines, because hashing happens on its own threads and
// outside of any transaction: hash, then write. Called by routes.cpp.
#pragma once

#include "auth/challenges.hpp"
#include "auth/password_hasher.hpp"
#include "auth/second_factors.hpp"
#include "auth/sessions.hpp"

#include "core/text.hpp"
#include "http/api.hpp"
#include "store/database.hpp"

#include <atomic>
#include <variant>

namespace auth {

using RefreshTokenText = core::Text<1, 200>;

struct Registration {
    core::Email email;
    core::Password password;
    core::Text<1, 200> name;
};
BOOST_DESCRIBE_STRUCT(Registration, (), (email, password, name))

struct LogIn {
    core::Email email;
    core::PasswordAttempt password;
};
BOOST_DESCRIBE_STRUCT(LogIn, (), (email, password))

// Without a token in the body, the one of the cookie (refresh_cookie.hpp).
struct RefreshRequest {
    std::optional<RefreshTokenText> refresh_token;
};
BOOST_DESCRIBE_STRUCT(RefreshRequest, (), (refresh_token))

struct LogOut {
    std::optional<RefreshTokenText> refresh_token;
};
BOOST_DESCRIBE_STRUCT(LogOut, (), (refresh_token))

// A session, or the question for a second factor.
using LogInAnswer = std::variant<SignedIn, MfaChallenge>;

class SignIn {
public:
    SignIn(const Settings& settings, store::Database& database, PasswordHasher& hasher,
           const Sessions& sessions, const SecondFactors& factors, const Challenges& challenges)
        : settings_(settings),
          database_(database),
          hasher_(hasher),
          sessions_(sessions),
          factors_(factors),
          challenges_(challenges) {}

    template <class T>
    using Answer = boost::asio::awaitable<core::Result<T>>;

    // Errors: email_taken, validation_failed (password too easy), rate_limited after too many of the address,
    // overloaded.
    Answer<SignedIn> register_user(core::Caller caller, Registration request);

    // The same answer after the same time for an unknown address and a wrong password: invalid_credentials.
    // That an account is disabled is told, but only to who has its password. Other errors: rate_limited after
    // too many failures of the account or the address, overloaded.
    Answer<LogInAnswer> log_in(core::Caller caller, LogIn request);

    // The second half of a log-in that was answered with a challenge. Errors: see Challenges::meet().
    Answer<SignedIn> answer_challenge(core::Caller caller, MfaAttempt request);

    // Errors: unauthenticated, token_expired, refresh_token_reused, validation_failed without a token.
    Answer<SignedIn> refresh(core::Caller caller, RefreshRequest request);

    // The session of the bearer and that of the refresh token. An unknown token is no error: it is good for
    // nothing already. Errors: unauthenticated if there is neither.
    core::Result<http::Nothing> log_out(store::Tx& tx, const core::Caller& caller,
                                        const LogOut& request) const;

private:
    // A log-in that was counted and may be tried.
    struct Attempt {
        std::optional<users::Credentials> account;
        std::string subject;  // of the account's tries
    };
    core::Result<Attempt> look_up(store::Tx& tx, const core::Caller& caller, const core::Email& email) const;
    core::Result<Attempt> take_attempt(store::Tx& tx, const core::Caller& caller,
                                       const core::Email& email) const;
    core::Result<LogInAnswer> let_in(store::Tx& tx, const core::Caller& caller, const Attempt& attempt,
                                     const std::optional<std::string>& upgraded_hash) const;

    boost::asio::awaitable<void> hold_off();

    const Settings& settings_;
    std::atomic<std::size_t> held_off_{0};
    store::Database& database_;
    PasswordHasher& hasher_;
    const Sessions& sessions_;
    const SecondFactors& factors_;
    const Challenges& challenges_;
};

}  // namespace auth
