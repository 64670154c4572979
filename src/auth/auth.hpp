// Signing in and proving it: passwords, sessions, access tokens. Who somebody is stands in users/. The
// program makes one Auth, hands it the commits, starts it after the migrations and adds its routes.
#pragma once

#include "auth/settings.hpp"

#include "core/text.hpp"
#include "http/access.hpp"
#include "http/api.hpp"
#include "jobs/runner.hpp"
#include "store/database.hpp"
#include "users/users.hpp"

#include <memory>
#include <span>
#include <vector>

namespace auth {

struct NewAccount {
    core::Email email;
    core::Password password;
    core::Text<1, 200> name;
    core::Role role = core::Role::customer;
};

// Whether log-ins can verify a password against this text: Argon2id (PHC string) or bcrypt, which is upgraded
// then.
bool is_password_hash(const std::string& text);

// Counts one of `max` things of a kind ("letters") that an address may ask for in an hour; 0: any number.
// Errors: rate_limited.
core::Result<void> count_of_address(store::Tx& tx, std::string_view deed, const std::string& ip,
                                    std::int64_t max);

class Auth {
public:
    Auth(Settings settings, store::Database& database);
    ~Auth();

    // Reads or makes the signing key, and learns which sessions are revoked. After the migrations, before the
    // first request. Throws std::runtime_error if the secret isn't the one of this database.
    void start();
    // Lets the hashing that was begun finish.
    void stop();

    // Part of Database::on_commit: ends access tokens before the caller of the revoking request has its
    // answer.
    void on_commit(std::span<const store::Event> events);

    // Valid as long as this object.
    http::Authenticate authenticate() const;
    void add_routes(http::Api& api);
    std::vector<jobs::Schedule> schedules();

    // The secret of a letter's link while the letter waits (mail::Link). Opening one that was sealed under
    // another secret gives nothing.
    std::string seal_token(std::string_view token) const;
    std::optional<std::string> unseal_token(std::string_view sealed) const;

    // For other rooms. Asks a signed-in caller for their password again (SE-11). Errors: invalid_credentials,
    // rate_limited, overloaded.
    boost::asio::awaitable<core::Result<void>> prove_password(core::UserId user,
                                                              core::PasswordAttempt password);
    // A new password's hash. `field` is its JSON Pointer in the request. Errors: validation_failed if it is
    // too easy for that account, overloaded.
    boost::asio::awaitable<core::Result<std::string>> hash_password(core::Password password,
                                                                    std::string email, std::string name,
                                                                    std::string field);
    // Before accounts with such a hash come in; blocks for up to a second if it is of a kind that the shop
    // doesn't have yet. See hash_kinds.hpp.
    void learn_kind_of(const std::string& password_hash);
    // Ends an account's sessions, and their access tokens with the commit. `reason` is for the log.
    void end_sessions(store::Tx& tx, core::UserId user, std::optional<core::SessionId> except,
                      std::string_view reason) const;
    // After a reset by mail: what strangers guessed at doesn't hold the owner up.
    void forget_failed_log_ins(store::Tx& tx, const core::Email& email) const;

    // Passwords being hashed or waiting for it.
    std::size_t hashing() const;

    // For the command line; blocks. Every running server signs with the new key after a moment, and takes
    // what the old one signed until that ends.
    struct NewSigningKey {
        std::string kid;
        core::Time signs_from;
    };
    NewSigningKey rotate_signing_key();

    // For the command line and the demo shop; blocks. Errors: email_taken, validation_failed.
    core::Result<users::Profile> create_user_with_password(const NewAccount& account);

private:
    void exchange_hash_kinds();

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace auth
