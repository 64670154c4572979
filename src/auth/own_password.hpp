// The password asked for again: before it changes, before a second factor does, before an account is deleted
// (SE-11). Hashing happens on its own threads, outside of any transaction.
#pragma once

#include "auth/password_hasher.hpp"

#include "core/caller.hpp"
#include "core/text.hpp"
#include "store/database.hpp"
#include "users/users.hpp"

namespace auth {

class OwnPassword {
public:
    OwnPassword(store::Database& database, PasswordHasher& hasher) : database_(database), hasher_(hasher) {}

    // What was known of the account when its password was found right.
    struct Proven {
        users::Profile profile;
        std::string password_hash;
    };
    // Of a caller who is signed in. Errors: invalid_credentials, rate_limited, overloaded.
    boost::asio::awaitable<core::Result<Proven>> prove(core::UserId user, core::PasswordAttempt password);

private:
    store::Database& database_;
    PasswordHasher& hasher_;
};

}  // namespace auth
