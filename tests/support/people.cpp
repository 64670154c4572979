#include "support/people.hpp"

#include "support/test_database.hpp"
#include "users/users.hpp"

namespace support {

core::Caller guest() {
    return {};
}

core::Caller sign_up(store::Database& database, std::string_view email, core::Role role) {
    auto profile = must(store::write_now(database, [&](store::Tx& tx) {
        users::NewUser user;
        user.email = core::Email::from_text(email).value();
        user.name = core::Text<1, 200>::trusted("Ann Example");
        user.password_hash = "no password leads here";
        user.role = role;
        return users::create_user(tx, user);
    }));
    core::Caller caller;
    caller.user = profile.id;
    caller.role = role;
    caller.permissions = core::permissions_of(role);
    return caller;
}

}  // namespace support
