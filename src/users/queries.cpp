#include "users/queries.hpp"

namespace users::queries {
namespace {

// A macro, because the text of a statement must be one literal.
#define USER_COLUMNS                                                                                \
    "id, email, email_verified, name, phone, role, mfa_enabled, created_at, updated_at, disabled, " \
    "sessions_valid_from, last_login_at "
#define CREDENTIAL_COLUMNS "id, password_hash, role, disabled, sessions_valid_from "

constexpr store::Sql insert_user_sql =
    "insert into users (id, email, email_key, name, role, password_hash, created_at, updated_at) "
    "values ($1, $2, $3, $4, $5, $6, $7, $7) returning " USER_COLUMNS;
constexpr store::Sql user_by_id_sql = "select " USER_COLUMNS "from users where id = $1";
constexpr store::Sql credentials_by_email_sql =
    "select " CREDENTIAL_COLUMNS "from users where email_key = $1";
constexpr store::Sql credentials_by_id_sql = "select " CREDENTIAL_COLUMNS "from users where id = $1";
constexpr store::Sql set_password_sql = "update users set password_hash = $2, updated_at = $3 where id = $1";
constexpr store::Sql replace_password_sql =
    "update users set password_hash = $2, updated_at = $3 where id = $1 and password_hash = $4";
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
                                      "and (cast($3 as text) is null or email_key like lower($3) escape '!' "
                                      "or lower(name) like lower($3) escape '!') "
                                      "order by id desc limit $4";

// Sessions begun up to now are void, also one whose transaction has a later clock but committed first.
constexpr store::Sql set_standing_sql =
    "update users set role = $4, disabled = $5, updated_at = $6, "
    "sessions_valid_from = case when $7 = 0 then sessions_valid_from "
    "when last_login_at >= $6 then last_login_at + 1 else $6 end "
    "where id = $1 and role = $2 and disabled = $3 returning " USER_COLUMNS;

std::string contains_pattern(std::string_view text) {
    std::string pattern = "%";
    for (char c : text) {
        if (c == '%' || c == '_' || c == '!') pattern += '!';
        pattern += c;
    }
    return pattern + "%";
}

}  // namespace

Profile to_profile(UserRow row) {
    return {.id = row.id,
            .email = std::move(row.email),
            .email_verified = row.email_verified,
            .name = std::move(row.name),
            .phone = std::move(row.phone),
            .role = row.role,
            .permissions = core::permissions_of(row.role).names(),
            .mfa_enabled = row.mfa_enabled,
            .created_at = row.created_at,
            .updated_at = row.updated_at};
}

UserRow insert_user(store::Tx& tx, const NewUser& user) {
    return tx.get<UserRow>(insert_user_sql, core::UserId::at(tx.now()), user.email, user.email.key(),
                           user.name, user.role, user.password_hash, tx.now());
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
    std::optional<std::string> pattern;
    if (query.q) pattern = contains_pattern(query.q->text());
    return tx.list<UserRow>(list_users_sql, before, query.role, pattern, limit);
}

std::optional<UserRow> set_standing(store::Tx& tx, core::UserId user, Standing from, Standing to,
                                    bool ends_sessions) {
    return tx.find<UserRow>(set_standing_sql, user, from.role, from.disabled, to.role, to.disabled, tx.now(),
                            ends_sessions);
}

}  // namespace users::queries
