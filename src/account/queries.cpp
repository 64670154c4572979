#include "account/queries.hpp"

namespace account::queries {
namespace {

constexpr store::Sql insert_token_sql =
    "insert into mail_tokens (hash, user_id, purpose, email, created_at, ends_at) values ($1, $2, $3, $4, "
    "$5, $6)";
constexpr store::Sql find_token_sql =
    "select user_id, email from mail_tokens where hash = $1 and purpose = $2 and ends_at > $3";
constexpr store::Sql take_token_sql =
    "delete from mail_tokens where hash = $1 and purpose = $2 and ends_at > $3 returning user_id, email";
constexpr store::Sql delete_tokens_sql = "delete from mail_tokens where user_id = $1 and purpose = $2";
constexpr store::Sql count_tokens_sql =
    "select count(*) from mail_tokens where user_id = $1 and purpose = $2 and created_at > $3";
constexpr store::Sql delete_ended_sql =
    "delete from mail_tokens where hash in (select hash from mail_tokens where ends_at < $1 order by ends_at "
    "limit $2)";
constexpr store::Sql insert_forgotten_sql =
    "insert into forgotten_passwords (id, email, created_at) values ($1, $2, $3)";
constexpr store::Sql take_forgotten_sql = "delete from forgotten_passwords where id = $1 returning email";

}  // namespace

void insert_token(store::Tx& tx, const std::string& hash, Purpose purpose, const TokenRow& row,
                  core::Time ends_at) {
    tx.run(insert_token_sql, hash, row.user_id, purpose, row.email, tx.now(), ends_at);
}

std::optional<TokenRow> find_token(store::Tx& tx, const std::string& hash, Purpose purpose) {
    return tx.find<TokenRow>(find_token_sql, hash, purpose, tx.now());
}

std::optional<TokenRow> take_token(store::Tx& tx, const std::string& hash, Purpose purpose) {
    return tx.find<TokenRow>(take_token_sql, hash, purpose, tx.now());
}

void delete_tokens_of(store::Tx& tx, core::UserId user, Purpose purpose) {
    tx.run(delete_tokens_sql, user, purpose);
}

std::int64_t count_tokens_since(store::Tx& tx, core::UserId user, Purpose purpose, core::Time since) {
    return tx.get<std::int64_t>(count_tokens_sql, user, purpose, since);
}

std::int64_t delete_tokens_ended_before(store::Tx& tx, core::Time time, std::int64_t limit) {
    return tx.count_changed(delete_ended_sql, time, limit);
}

void insert_forgotten(store::Tx& tx, ForgottenId id, const core::Email& email) {
    tx.run(insert_forgotten_sql, id, email, tx.now());
}

std::optional<core::Email> take_forgotten(store::Tx& tx, const std::string& id) {
    return tx.find<core::Email>(take_forgotten_sql, id);
}

}  // namespace account::queries
