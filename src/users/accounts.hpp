// What people do with their own account, and staff with everybody's. Called by routes.cpp.
#pragma once

#include "core/page.hpp"
#include "core/patch.hpp"
#include "users/addresses.hpp"
#include "users/users.hpp"

namespace users {

struct ProfilePatch {
    core::Patch<core::Text<1, 200>> name;
    core::Patch<core::Text<1, 40>> phone;
    std::optional<core::Email> email;  // only with the password
    std::optional<core::PasswordAttempt> password;
};
BOOST_DESCRIBE_STRUCT(ProfilePatch, (), (name, phone, email, password))

// The caller has proved `password`, if `email` is given. Another address stays pending until it is verified;
// giving the one that the account has takes that back. Errors: email_taken, validation_failed.
core::Result<Profile> update_profile(store::Tx& tx, const core::Caller& caller, const ProfilePatch& patch);

// A profile as staff see it.
struct Account : Profile {
    bool disabled = false;
};
BOOST_DESCRIBE_STRUCT(Account, (Profile), (disabled))

struct AccountQuery {
    std::optional<core::SearchText> q;  // beginnings of the address, its domain or words of the name
    std::optional<core::Role> role;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(AccountQuery, (), (q, role, limit, cursor))

// Newest first.
core::Result<core::List<Account>> list_accounts(store::Tx& tx, const core::Caller& caller,
                                                const AccountQuery& query);

// All that the shop keeps of accounts, to take elsewhere. Pages are larger than a list's.
struct AccountExport {
    std::optional<core::Role> role;
    std::optional<core::Int<1, 1000>> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(AccountExport, (), (role, limit, cursor))

struct ExportedAccount : Account {
    std::optional<core::Time> last_login_at;
    std::vector<Address> addresses;
};
BOOST_DESCRIBE_STRUCT(ExportedAccount, (Account), (last_login_at, addresses))

// Newest first.
core::Result<core::List<ExportedAccount>> export_accounts(store::Tx& tx, const core::Caller& caller,
                                                          const AccountExport& in);

struct AccountRef {
    core::UserId id;
};
BOOST_DESCRIBE_STRUCT(AccountRef, (), (id))

core::Result<Account> get_account(store::Tx& tx, const core::Caller& caller, const AccountRef& ref);

struct AccountPatch {
    core::UserId id;
    std::optional<core::Role> role;
    std::optional<bool> disabled;
};
BOOST_DESCRIBE_STRUCT(AccountPatch, (), (id, role, disabled))

// A new role, or disabling, ends the account's sessions. Errors: not_found; forbidden for one's own account,
// for a role with a permission that the caller lacks and for an account that holds one; conflict if somebody
// else changed the account meanwhile.
core::Result<Account> update_account(store::Tx& tx, const core::Caller& caller, const AccountPatch& patch);

}  // namespace users
