// The SQL of accounts.
#pragma once

#include "users/accounts.hpp"
#include "users/users.hpp"

namespace users::queries {

// What the answers about an account are made of; the columns of every select here.
struct UserRow {
    core::UserId id;
    std::string email;
    bool email_verified = false;
    std::string name;
    std::optional<std::string> phone;
    core::Role role = core::Role::customer;
    bool mfa_enabled = false;
    core::Time created_at;
    core::Time updated_at;
    bool disabled = false;
    core::Time sessions_valid_from;
    std::optional<core::Time> last_login_at;
    std::optional<std::string> pending_email;
};
BOOST_DESCRIBE_STRUCT(UserRow, (),
                      (id, email, email_verified, name, phone, role, mfa_enabled, created_at, updated_at,
                       disabled, sessions_valid_from, last_login_at, pending_email))

Profile to_profile(UserRow row);

UserRow insert_user(store::Tx& tx, const NewUser& user);
std::optional<UserRow> find_user(store::Tx& tx, core::UserId user);
std::optional<Credentials> find_credentials(store::Tx& tx, const core::Email& email);
std::optional<Credentials> find_credentials(store::Tx& tx, core::UserId user);
bool is_there(store::Tx& tx, core::UserId user);  // and not erased
// See bring_user_again().
std::optional<UserRow> update_imported(store::Tx& tx, core::UserId user, const NewUser& now);
bool set_password_hash(store::Tx& tx, core::UserId user, const std::string& to, const std::string* from);
void set_mfa_enabled(store::Tx& tx, core::UserId user, bool enabled);
std::optional<UserRow> set_last_login(store::Tx& tx, core::UserId user, const std::string& verified_hash);
std::vector<Person> list_people(store::Tx& tx, const std::vector<std::string>& user_ids);
std::vector<SessionCutoff> list_session_cutoffs(store::Tx& tx, core::Time since);

std::optional<UserRow> update_profile(store::Tx& tx, core::UserId user, const ProfilePatch& patch);

bool set_email_verified(store::Tx& tx, core::UserId user, const core::Email& email);
void set_pending_email(store::Tx& tx, core::UserId user, const std::optional<core::Email>& email);
// Makes it the account's own. False if it isn't what was pending.
bool take_pending_email(store::Tx& tx, core::UserId user, const core::Email& email);
// What searches find the account by, in place of what it was.
void set_terms(store::Tx& tx, core::UserId user, const std::vector<std::string>& terms);
// Empty if it was erased before.
std::optional<UserRow> erase_user(store::Tx& tx, core::UserId user);
void delete_addresses(store::Tx& tx, core::UserId user);
std::int64_t delete_erased_before(store::Tx& tx, core::Time time, std::int64_t limit);

// Newest first, behind `before`, at most `limit`.
std::vector<UserRow> list_users(store::Tx& tx, const AccountQuery& query, core::UserId before,
                                std::int64_t limit);

struct Standing {
    core::Role role = core::Role::customer;
    bool disabled = false;

    friend bool operator==(const Standing&, const Standing&) = default;
};
// Empty if the account doesn't stand as `from` says.
std::optional<UserRow> set_standing(store::Tx& tx, core::UserId user, Standing from, Standing to,
                                    bool ends_sessions);

}  // namespace users::queries
