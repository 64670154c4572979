#include "users/users.hpp"

#include "users/queries.hpp"
#include "users/search_terms.hpp"

#include <boost/json/serialize.hpp>

namespace users {

core::Result<Profile> create_user(store::Tx& tx, const NewUser& user) {
    auto row = queries::insert_user(tx, user);  // the index email_taken says no to a second one
    queries::set_terms(tx, row.id, terms_of(user.email, user.name.text()));
    tx.append_event(user.imported ? "user.imported" : "user.registered", row.id.str());
    return queries::to_profile(std::move(row));
}

bool bring_user_again(store::Tx& tx, core::UserId id, const NewUser& user) {
    const auto row = queries::update_imported(tx, id, user);
    if (!row) return false;
    queries::set_terms(tx, id, terms_of(core::Email::from_text(row->email).value(), row->name));
    tx.append_event("user.updated", id.str());
    return true;
}

std::optional<Credentials> find_credentials(store::Tx& tx, const core::Email& email) {
    return queries::find_credentials(tx, email);
}

std::optional<Credentials> find_credentials(store::Tx& tx, core::UserId user) {
    return queries::find_credentials(tx, user);
}

core::Result<Profile> get_profile(store::Tx& tx, core::UserId user) {
    auto row = queries::find_user(tx, user);
    if (!row) return core::not_found("account");
    return queries::to_profile(std::move(*row));
}

std::optional<ConfirmedEmail> confirm_email(store::Tx& tx, core::UserId user, const core::Email& email) {
    auto row = queries::find_user(tx, user);
    if (!row) return {};
    auto current = core::Email::from_text(row->email).value();
    if (email == current) {
        if (queries::set_email_verified(tx, user, current))
            tx.append_event("user.email_verified", user.str());
        return ConfirmedEmail{};
    }
    if (!queries::take_pending_email(tx, user, email)) return {};
    queries::set_terms(tx, user, terms_of(email, row->name));
    tx.append_event("user.email_changed", user.str());
    return ConfirmedEmail{std::move(current)};
}

void set_password_hash(store::Tx& tx, core::UserId user, const std::string& password_hash) {
    queries::set_password_hash(tx, user, password_hash, nullptr);
}

bool replace_password_hash(store::Tx& tx, core::UserId user, const std::string& from, const std::string& to) {
    return queries::set_password_hash(tx, user, to, &from);
}

std::vector<Person> list_people(store::Tx& tx, const std::vector<std::string>& user_ids) {
    return queries::list_people(tx, user_ids);
}

void set_mfa_enabled(store::Tx& tx, core::UserId user, bool enabled) {
    queries::set_mfa_enabled(tx, user, enabled);
}

std::optional<LoggedIn> note_login(store::Tx& tx, core::UserId user, const std::string& verified_hash) {
    auto row = queries::set_last_login(tx, user, verified_hash);
    if (!row) return {};
    core::Time start = *row->last_login_at;
    return LoggedIn{queries::to_profile(std::move(*row)), start};
}

std::optional<ErasedAccount> erase_account(store::Tx& tx, core::UserId user) {
    auto row = queries::find_user(tx, user);
    if (!row) return {};
    auto erased = queries::erase_user(tx, user);
    if (!erased) return {};
    queries::delete_addresses(tx, user);
    queries::set_terms(tx, user, {});
    boost::json::object payload{{"sessions_valid_from", erased->sessions_valid_from.ms}};
    tx.append_event(std::string(disabled_event), user.str(), boost::json::serialize(payload));
    tx.append_event("user.erased", user.str());
    return ErasedAccount{core::Email::from_text(row->email).value(), row->email_verified};
}

bool is_erased(store::Tx& tx, core::UserId user) {
    return !queries::is_there(tx, user);
}

bool sweep_erased(store::Tx& tx) {
    constexpr std::chrono::hours after{1};  // longer than any access token lives
    constexpr std::int64_t swept_at_once = 100;
    return queries::delete_erased_before(tx, tx.now() - after, swept_at_once) == swept_at_once;
}

std::vector<SessionCutoff> list_session_cutoffs(store::Tx& tx, core::Time since) {
    return queries::list_session_cutoffs(tx, since);
}

}  // namespace users
