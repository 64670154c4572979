#include "users/accounts.hpp"

#include "users/address_queries.hpp"
#include "users/queries.hpp"
#include "users/search_terms.hpp"

#include <boost/json/serialize.hpp>

#include <map>

namespace users {
namespace {

constexpr std::string_view list_order = "newest";

constexpr std::int64_t exported_default = 100;

Account to_account(queries::UserRow row) {
    bool disabled = row.disabled;
    return {queries::to_profile(std::move(row)), disabled};
}

void append_standing_events(store::Tx& tx, const core::Caller& caller, const queries::UserRow& now,
                            queries::Standing from) {
    boost::json::object payload{{"by", caller.actor()}, {"sessions_valid_from", now.sessions_valid_from.ms}};
    if (now.role != from.role) {
        payload["from"] = boost::describe::enum_to_string(from.role, "");
        payload["to"] = boost::describe::enum_to_string(now.role, "");
        tx.append_event(std::string(role_changed_event), now.id.str(), boost::json::serialize(payload));
    }
    if (now.disabled != from.disabled) {
        std::string type = now.disabled ? std::string(disabled_event) : "user.enabled";
        tx.append_event(std::move(type), now.id.str(), boost::json::serialize(payload));
    }
}

core::Result<void> check_standing_change(const core::Caller& caller, const queries::UserRow& account,
                                         queries::Standing to) {
    if (caller.is(account.id)) {
        return core::fail(core::ErrorCode::forbidden,
                          "Nobody can change the role of their own account or disable it.");
    }
    if (!caller.permissions.covers(core::permissions_of(account.role))) {
        return core::fail(core::ErrorCode::forbidden, "This account may do things that you may not.");
    }
    if (!caller.permissions.covers(core::permissions_of(to.role))) {
        return core::fail(core::ErrorCode::forbidden, "You can't grant permissions that you don't have.");
    }
    return {};
}

// Whose an address is, is decided when it is proved; saying no to a taken one here only saves a letter.
core::Result<void> ask_for_email(store::Tx& tx, core::UserId user, const core::Email& email) {
    auto row = queries::find_user(tx, user);
    if (!row) return core::not_found("account");
    if (core::Email::from_text(row->email).value() == email) {
        queries::set_pending_email(tx, user, {});
        return {};
    }
    if (queries::find_credentials(tx, email)) return core::fail(core::ErrorCode::email_taken);
    queries::set_pending_email(tx, user, email);
    tx.append_event(std::string(email_change_event), user.str());
    return {};
}

}  // namespace

core::Result<Profile> update_profile(store::Tx& tx, const core::Caller& caller, const ProfilePatch& patch) {
    if (patch.name.given && !patch.name.value)
        return core::fail_field("/name", "required", "A name can't be removed.");
    if (patch.email) {
        auto asked = ask_for_email(tx, *caller.user, *patch.email);
        if (!asked) return std::unexpected(std::move(asked.error()));
    }
    if (!patch.name.given && !patch.phone.given) return get_profile(tx, *caller.user);
    auto row = queries::update_profile(tx, *caller.user, patch);
    if (!row) return core::not_found("account");
    if (patch.name.given)
        queries::set_terms(tx, row->id, terms_of(core::Email::from_text(row->email).value(), row->name));
    tx.append_event("user.updated", row->id.str());
    return queries::to_profile(std::move(*row));
}

core::Result<core::List<Account>> list_accounts(store::Tx& tx, const core::Caller&,
                                                const AccountQuery& query) {
    auto before = core::place_of(query.cursor, list_order, core::UserId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::int64_t limit = query.limit.value_or(core::page_limit_default);
    std::vector<Account> accounts;
    for (auto& row : queries::list_users(tx, query, *before, limit + 1))
        accounts.push_back(to_account(std::move(row)));
    return core::page_by_id(std::move(accounts), limit, list_order);
}

core::Result<core::List<ExportedAccount>> export_accounts(store::Tx& tx, const core::Caller&,
                                                          const AccountExport& in) {
    auto before = core::place_of(in.cursor, list_order, core::UserId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::int64_t limit = in.limit.value_or(exported_default);
    AccountQuery query;
    query.role = in.role;
    std::vector<ExportedAccount> accounts;
    std::vector<std::string> ids;
    for (auto& row : queries::list_users(tx, query, *before, limit + 1)) {
        ids.push_back(row.id.str());
        auto last_login_at = row.last_login_at;
        accounts.push_back({to_account(std::move(row)), last_login_at, {}});
    }
    std::map<core::UserId, std::vector<Address>> addresses;
    for (auto& owned : queries::list_addresses_of(tx, ids))
        addresses[owned.user_id].push_back(std::move(owned));
    for (auto& account : accounts)
        account.addresses = std::move(addresses[account.id]);
    return core::page_by_id(std::move(accounts), limit, list_order);
}

core::Result<Account> get_account(store::Tx& tx, const core::Caller&, const AccountRef& ref) {
    auto row = queries::find_user(tx, ref.id);
    if (!row) return core::not_found("user");
    return to_account(std::move(*row));
}

core::Result<Account> update_account(store::Tx& tx, const core::Caller& caller, const AccountPatch& patch) {
    auto row = queries::find_user(tx, patch.id);
    if (!row) return core::not_found("user");
    queries::Standing from{row->role, row->disabled};
    queries::Standing to{patch.role.value_or(row->role), patch.disabled.value_or(row->disabled)};
    if (to == from) return to_account(std::move(*row));
    if (auto allowed = check_standing_change(caller, *row, to); !allowed)
        return std::unexpected(std::move(allowed.error()));

    bool ends_sessions = to.role != from.role || to.disabled;
    auto changed = queries::set_standing(tx, patch.id, from, to, ends_sessions);
    if (!changed)
        return core::fail(core::ErrorCode::conflict,
                          "Somebody else changed this account just now. Look again.");
    append_standing_events(tx, caller, *changed, from);
    return to_account(std::move(*changed));
}

}  // namespace users
