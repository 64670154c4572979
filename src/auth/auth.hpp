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

    // Opens what a letter's Link holds sealed. Empty if it was sealed under another secret.
    std::optional<std::string> unseal_token(std::string_view sealed) const;

    // For the command line and the demo shop; blocks. Errors: email_taken, validation_failed.
    core::Result<users::Profile> create_user_with_password(const NewAccount& account);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace auth
