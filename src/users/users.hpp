// Accounts and addresses: who somebody is. How they prove it (passwords, sessions, tokens) is auth/.
#pragma once

#include "core/caller.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "store/tx.hpp"

namespace users {

// What API.md calls the profile.
struct Profile {
    core::UserId id;
    std::string email;
    bool email_verified = false;
    std::optional<std::string> pending_email;  // takes the place of `email` when its owner has proved it
    std::string name;
    std::optional<std::string> phone;
    core::Role role = core::Role::customer;
    std::vector<std::string> permissions;
    bool mfa_enabled = false;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Profile, (),
                      (id, email, email_verified, pending_email, name, phone, role, permissions, mfa_enabled,
                       created_at, updated_at))

// Told when an account wants another e-mail address; the subject is the account.
inline constexpr std::string_view email_change_event = "user.email_change_requested";

// What a log-in needs to know of an account.
struct Credentials {
    core::UserId id;
    std::string password_hash;
    core::Role role = core::Role::customer;
    bool disabled = false;
    core::Time
        sessions_valid_from;  // sessions begun before are void: the role changed, or the account was disabled
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (id, password_hash, role, disabled, sessions_valid_from))

struct NewUser {
    core::Email email;
    core::Text<1, 200> name;
    std::string password_hash;
    core::Role role = core::Role::customer;
    bool imported = false;  // brought along from another shop: announced as that, so nobody writes to them
    bool email_verified = false;  // …which has proved the address
    std::optional<core::Text<1, 40>> phone = {};
    std::optional<core::Time> created_at = {};  // now, if not given
};

// 409 email_taken if an account compares equal.
core::Result<Profile> create_user(store::Tx& tx, const NewUser& user);
// An imported account as it stands there now: name and phone, and the password while it is still a bcrypt
// hash (which a log-in here replaces) or none. False if nothing differs, or the account is erased or gone.
bool bring_user_again(store::Tx& tx, core::UserId id, const NewUser& user);
std::optional<Credentials> find_credentials(store::Tx& tx, const core::Email& email);
std::optional<Credentials> find_credentials(store::Tx& tx, core::UserId user);
core::Result<Profile> get_profile(store::Tx& tx, core::UserId user);
// The owner has proved to read that address: it is verified, if it is the account's, or becomes the
// account's, if it was to. Empty if it is neither. A commit may fail with email_taken.
struct ConfirmedEmail {
    std::optional<core::Email> replaced;  // the address before
};
std::optional<ConfirmedEmail> confirm_email(store::Tx& tx, core::UserId user, const core::Email& email);
void set_password_hash(store::Tx& tx, core::UserId user, const std::string& password_hash);
// False, and nothing happens, if the hash is not `from` any more.
bool replace_password_hash(store::Tx& tx, core::UserId user, const std::string& from, const std::string& to);

// What others may know of somebody.
struct Person {
    core::UserId id;
    std::string name;
    core::Role role = core::Role::customer;
    bool disabled = false;
};
BOOST_DESCRIBE_STRUCT(Person, (), (id, name, role, disabled))

// In no order; accounts that don't exist are left out.
std::vector<Person> list_people(store::Tx& tx, const std::vector<std::string>& user_ids);

// What profiles show. Which second factors an account has is auth/'s to know.
void set_mfa_enabled(store::Tx& tx, core::UserId user, bool enabled);

// Marks a log-in whose password was checked against `verified_hash`. Empty if that hash is not the account's
// any more, or the account is disabled. Role changes and disabling wait for this transaction, or this one for
// them.
struct LoggedIn {
    Profile profile;
    core::Time session_start;  // what the new session must count as its beginning
};
std::optional<LoggedIn> note_login(store::Tx& tx, core::UserId user, const std::string& verified_hash);

// Takes everything out of the account that tells who its owner was, and disables it for good: sessions begun
// up to now are void. The empty account goes later, when no access token of it is left (see sweep_erased()).
// Empty if there is none.
struct ErasedAccount {
    core::Email email;  // it had
    bool email_verified = false;
};
std::optional<ErasedAccount> erase_account(store::Tx& tx, core::UserId user);
// Whether that happened to the account, or it is gone.
bool is_erased(store::Tx& tx, core::UserId user);
// Deletes accounts erased an hour ago; true if there are more. A schedule's work.
bool sweep_erased(store::Tx& tx);

// Accounts whose older sessions were made void at or after `since`.
struct SessionCutoff {
    core::UserId user;
    core::Time valid_from;
};
BOOST_DESCRIBE_STRUCT(SessionCutoff, (), (user, valid_from))
std::vector<SessionCutoff> list_session_cutoffs(store::Tx& tx, core::Time since);

// The payload of the events user.role_changed and user.disabled tells `sessions_valid_from` in ms.
inline constexpr std::string_view role_changed_event = "user.role_changed";
inline constexpr std::string_view disabled_event = "user.disabled";

// A place that goods or bills can be sent to; orders keep a copy.
struct PostalAddress {
    core::Text<1, 200> name;
    std::optional<core::Text<0, 200>> company;
    core::Text<1, 200> line1;
    std::optional<core::Text<0, 200>> line2;
    core::Text<1, 100> city;
    std::optional<core::Text<0, 100>> region;
    core::Text<1, 20> postal_code;
    core::CountryCode country;
    std::optional<core::Text<0, 40>> phone;
};
BOOST_DESCRIBE_STRUCT(PostalAddress, (),
                      (name, company, line1, line2, city, region, postal_code, country, phone))

// Whether the country's post can deliver there: a region where it takes one, a postal code of its form (any,
// where there are no postal codes). Errors: validation_failed at the members that are wrong, which stand
// under `at` in the request ("/shipping_address").
core::Result<void> check_by_country(const PostalAddress& address, std::string_view at = {});

// The caller's own address, or not_found.
core::Result<PostalAddress> get_postal_address(store::Tx& tx, core::UserId owner, core::AddressId address);

}  // namespace users
