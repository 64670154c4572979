#include "users/queries.hpp"

#include "users/search_terms.hpp"

namespace users::queries {
namespace {

constexpr std::size_t words_searched_max = 3;  // of a staff search; a fourth says nothing more

// A macro, because the text of a statement must be one literal.
#define USER_COLUMNS                                                                                \
    "id, email, email_verified, name, phone, role, mfa_enabled, created_at, updated_at, disabled, " \
    "sessions_valid_from, last_login_at, pending_email "
#define CREDENTIAL_COLUMNS "id, password_hash, role, disabled, sessions_valid_from "

constexpr store::Sql insert_user_sql =
    "insert into users (id, email, email_key, name, role, password_hash, created_at, updated_at, "
    "email_verified, phone) "
    "values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9) returning " USER_COLUMNS;
constexpr store::Sql user_by_id_sql = "select " USER_COLUMNS "from users where id = $1";
constexpr store::Sql credentials_by_email_sql =
    "select " CREDENTIAL_COLUMNS "from users where email_key = $1";
constexpr store::Sql credentials_by_id_sql = "select " CREDENTIAL_COLUMNS "from users where id = $1";
constexpr store::Sql set_password_sql = "update users set password_hash = $2, updated_at = $3 where id = $1";
constexpr store::Sql replace_password_sql =
    "update users set password_hash = $2, updated_at = $3 where id = $1 and password_hash = $4";
// Only what differs; the hash only while it is one of another shop ($6) or there is none.
#define MAY_HAVE_ITS_HASH "$4 <> '' and (password_hash = '' or password_hash like $6)"
constexpr store::Sql update_imported_sql =
    "update users set name = $2, phone = coalesce($3, phone), updated_at = $5, "
    "password_hash = case when " MAY_HAVE_ITS_HASH
    " then $4 else password_hash end "
    "where id = $1 and erased_at is null and (name <> $2 or coalesce($3, phone, '') <> coalesce(phone, '') "
    "or (" MAY_HAVE_ITS_HASH " and password_hash <> $4)) returning " USER_COLUMNS;
constexpr store::Sql set_mfa_enabled_sql = "update users set mfa_enabled = $2, updated_at = $3 where id = $1";

// Never before sessions_valid_from, so that a clock set back doesn't void the new session at once.
constexpr store::Sql set_last_login_sql =
    "update users set last_login_at = case when sessions_valid_from > $3 then sessions_valid_from else $3 "
    "end "
    "where id = $1 and password_hash = $2 and disabled = 0 returning " USER_COLUMNS;
constexpr store::Sql session_cutoffs_sql =
    "select id, sessions_valid_from from users where sessions_valid_from > 0 and sessions_valid_from >= $1";

constexpr store::Sql people_sql = "select id, name, role, disabled from users where id = any($1)";

constexpr store::Sql update_profile_sql =
    "update users set name = coalesce($2, name), phone = case when $3 = 1 then $4 else phone end, updated_at "
    "= $5 "
    "where id = $1 returning " USER_COLUMNS;

constexpr store::Sql list_users_sql = "select " USER_COLUMNS
                                      "from users where id < $1 and (cast($2 as text) is null or role = $2) "
                                      "and erased_at is null order by id desc limit $3";
// By the first word of a search through its index; further ones are looked up for each account that it gives.
#define HAS_TERM(from, to)                        \
    "and (cast(" from                             \
    " as text) is null or exists (select 1 from " \
    "user_terms t where t.user_id = users.id and t.term >= " from " and t.term < " to ")) "
constexpr store::Sql find_users_sql =
    "select " USER_COLUMNS
    "from users where id < $1 and (cast($2 as text) is null or role = $2) and erased_at is null "
    "and id in (select user_id from user_terms where term >= $4 and term < $5) " HAS_TERM("$6", "$7")
        HAS_TERM("$8", "$9") "order by id desc limit $3";

constexpr store::Sql set_verified_sql =
    "update users set email_verified = 1, pending_email = null, updated_at = $3 where id = $1 and email_key "
    "= $2";
constexpr store::Sql set_pending_sql = "update users set pending_email = $2, updated_at = $3 where id = $1";
constexpr store::Sql take_pending_sql =
    "update users set email = $2, email_key = $3, email_verified = 1, pending_email = null, updated_at = $4 "
    "where id = $1 and pending_email = $2";
constexpr store::Sql delete_terms_sql = "delete from user_terms where user_id = $1";
constexpr store::Sql insert_term_sql = "insert into user_terms (term, user_id) values ($1, $2)";
// The address must stay one of its own: the account's id is in it.
constexpr store::Sql erase_user_sql =
    "update users set email = $2, email_key = $3, email_verified = 0, pending_email = null, name = 'Erased', "
    "phone = null, "
    "password_hash = '', disabled = 1, erased_at = $4, updated_at = $4, address_count = 0, "
    "default_shipping_id = null, "
    "default_billing_id = null, "
    "sessions_valid_from = case when last_login_at >= $4 then last_login_at + 1 else $4 end "
    "where id = $1 and erased_at is null returning " USER_COLUMNS;
constexpr store::Sql delete_addresses_sql = "delete from addresses where user_id = $1";
constexpr store::Sql delete_erased_sql =
    "delete from users where id in (select id from users where erased_at < $1 order by erased_at limit $2)";

// Sessions begun up to now are void, also one whose transaction has a later clock but committed first.
constexpr store::Sql set_standing_sql =
    "update users set role = $4, disabled = $5, updated_at = $6, "
    "sessions_valid_from = case when $7 = 0 then sessions_valid_from "
    "when last_login_at >= $6 then last_login_at + 1 else $6 end "
    "where id = $1 and role = $2 and disabled = $3 returning " USER_COLUMNS;

}  // namespace

Profile to_profile(UserRow row) {
    return {.id = row.id,
            .email = std::move(row.email),
            .email_verified = row.email_verified,
            .pending_email = std::move(row.pending_email),
            .name = std::move(row.name),
            .phone = std::move(row.phone),
            .role = row.role,
            .permissions = core::permissions_of(row.role).names(),
            .mfa_enabled = row.mfa_enabled,
            .created_at = row.created_at,
            .updated_at = row.updated_at};
}

UserRow insert_user(store::Tx& tx, const NewUser& user) {
    core::Time created = user.created_at.value_or(tx.now());
    return tx.get<UserRow>(insert_user_sql, core::UserId::at(created), user.email, user.email.key(),
                           user.name, user.role, user.password_hash, created, user.email_verified,
                           user.phone);
}

std::optional<UserRow> find_user(store::Tx& tx, core::UserId user) {
    return tx.find<UserRow>(user_by_id_sql, user);
}

std::optional<Credentials> find_credentials(store::Tx& tx, const core::Email& email) {
    return tx.find<Credentials>(credentials_by_email_sql, email.key());
}

std::optional<Credentials> find_credentials(store::Tx& tx, core::UserId user) {
    return tx.find<Credentials>(credentials_by_id_sql, user);
}

bool set_password_hash(store::Tx& tx, core::UserId user, const std::string& to, const std::string* from) {
    if (from) return tx.count_changed(replace_password_sql, user, to, tx.now(), *from) > 0;
    return tx.count_changed(set_password_sql, user, to, tx.now()) > 0;
}

bool is_there(store::Tx& tx, core::UserId user) {
    return tx.find<core::UserId>("select id from users where id = $1 and erased_at is null", user)
        .has_value();
}

std::optional<UserRow> update_imported(store::Tx& tx, core::UserId user, const NewUser& now) {
    constexpr std::string_view bcrypt = "$2%";
    return tx.find<UserRow>(update_imported_sql, user, now.name, now.phone, now.password_hash, tx.now(),
                            bcrypt);
}

void set_mfa_enabled(store::Tx& tx, core::UserId user, bool enabled) {
    tx.run(set_mfa_enabled_sql, user, enabled, tx.now());
}

std::optional<UserRow> set_last_login(store::Tx& tx, core::UserId user, const std::string& verified_hash) {
    return tx.find<UserRow>(set_last_login_sql, user, verified_hash, tx.now());
}

std::vector<Person> list_people(store::Tx& tx, const std::vector<std::string>& user_ids) {
    return tx.list<Person>(people_sql, user_ids);
}

std::vector<SessionCutoff> list_session_cutoffs(store::Tx& tx, core::Time since) {
    return tx.list<SessionCutoff>(session_cutoffs_sql, since);
}

std::optional<UserRow> update_profile(store::Tx& tx, core::UserId user, const ProfilePatch& patch) {
    return tx.find<UserRow>(update_profile_sql, user, patch.name.value, patch.phone.given, patch.phone.value,
                            tx.now());
}

std::vector<UserRow> list_users(store::Tx& tx, const AccountQuery& query, core::UserId before,
                                std::int64_t limit) {
    if (!query.q || query.q->text().empty())
        return tx.list<UserRow>(list_users_sql, before, query.role, limit);
    auto words = beginnings_in(query.q->text());
    if (words.empty()) return {};
    std::array<std::optional<std::string>, words_searched_max> from;
    std::array<std::optional<std::string>, words_searched_max> to;
    for (std::size_t i = 0; i < std::min(words.size(), words_searched_max); ++i) {
        from[i] = words[i];
        to[i] = end_of_beginning(words[i]);
    }
    return tx.list<UserRow>(find_users_sql, before, query.role, limit, from[0], to[0], from[1], to[1],
                            from[2], to[2]);
}

bool set_email_verified(store::Tx& tx, core::UserId user, const core::Email& email) {
    return tx.count_changed(set_verified_sql, user, email.key(), tx.now()) > 0;
}

void set_pending_email(store::Tx& tx, core::UserId user, const std::optional<core::Email>& email) {
    tx.run(set_pending_sql, user, email, tx.now());
}

bool take_pending_email(store::Tx& tx, core::UserId user, const core::Email& email) {
    return tx.count_changed(take_pending_sql, user, email, email.key(), tx.now()) > 0;
}

void set_terms(store::Tx& tx, core::UserId user, const std::vector<std::string>& terms) {
    tx.run(delete_terms_sql, user);
    for (const auto& term : terms)
        tx.run(insert_term_sql, term, user);
}

std::optional<UserRow> erase_user(store::Tx& tx, core::UserId user) {
    auto nobody = core::Email::from_text(user.str() + "@erased.invalid").value();
    return tx.find<UserRow>(erase_user_sql, user, nobody, nobody.key(), tx.now());
}

void delete_addresses(store::Tx& tx, core::UserId user) {
    tx.run(delete_addresses_sql, user);
}

std::int64_t delete_erased_before(store::Tx& tx, core::Time time, std::int64_t limit) {
    return tx.count_changed(delete_erased_sql, time, limit);
}

std::optional<UserRow> set_standing(store::Tx& tx, core::UserId user, Standing from, Standing to,
                                    bool ends_sessions) {
    return tx.find<UserRow>(set_standing_sql, user, from.role, from.disabled, to.role, to.disabled, tx.now(),
                            ends_sessions);
}

}  // namespace users::queries
