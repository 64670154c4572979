// Registering, logging in, staying so and leaving. Coroutines, because hashing happens on its own threads and
// outside of any transaction: hash, then write. Called by routes.cpp.
#pragma once

#include "auth/password_hasher.hpp"
#include "auth/sessions.hpp"

#include "core/text.hpp"
#include "http/api.hpp"
#include "store/database.hpp"

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

struct RefreshRequest {
    RefreshTokenText refresh_token;
};
BOOST_DESCRIBE_STRUCT(RefreshRequest, (), (refresh_token))

struct LogOut {
    std::optional<RefreshTokenText> refresh_token;
};
BOOST_DESCRIBE_STRUCT(LogOut, (), (refresh_token))

struct PasswordChange {
    core::PasswordAttempt current_password;
    core::Password new_password;
};
BOOST_DESCRIBE_STRUCT(PasswordChange, (), (current_password, new_password))

class SignIn {
public:
    SignIn(store::Database& database, PasswordHasher& hasher, const Sessions& sessions)
        : database_(database), hasher_(hasher), sessions_(sessions) {}

    template <class T>
    using Answer = boost::asio::awaitable<core::Result<T>>;

    // Errors: email_taken, validation_failed (password too easy), overloaded.
    Answer<SignedIn> register_user(core::Caller caller, Registration request);

    // The same answer after the same time for an unknown address and a wrong password: invalid_credentials.
    // That an account is disabled is told, but only to who has its password.
    Answer<SignedIn> log_in(core::Caller caller, LogIn request);

    // Errors: unauthenticated, token_expired, refresh_token_reused.
    Answer<SignedIn> refresh(core::Caller caller, RefreshRequest request);

    // Ends every other session of the account. Errors: invalid_credentials.
    Answer<http::Nothing> change_password(core::Caller caller, PasswordChange request);

    // The session of the bearer and that of the refresh token. An unknown token is no error: it is good for
    // nothing already. Errors: unauthenticated if there is neither.
    core::Result<http::Nothing> log_out(store::Tx& tx, const core::Caller& caller,
                                        const LogOut& request) const;

private:
    store::Database& database_;
    PasswordHasher& hasher_;
    const Sessions& sessions_;
};

}  // namespace auth
