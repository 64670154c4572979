#include "users/users.hpp"

#include "users/queries.hpp"

namespace users {

core::Result<Profile> create_user(store::Tx& tx, const NewUser& user) {
    auto row = queries::insert_user(tx, user);  // the index email_taken says no to a second one
    tx.append_event("user.registered", row.id.str());
    return queries::to_profile(std::move(row));
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

std::vector<SessionCutoff> list_session_cutoffs(store::Tx& tx, core::Time since) {
    return queries::list_session_cutoffs(tx, since);
}

}  // namespace users
