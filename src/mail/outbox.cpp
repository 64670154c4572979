#include "mail/outbox.hpp"

namespace mail::outbox {
namespace {

constexpr store::Sql insert_sql =
    "insert into mail_outbox (id, event, kind, recipient, recipient_key, subject, body_text, body_html, "
    "sealed_token, "
    "next_try_at, good_until, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10) "
    "on conflict (event, kind) do nothing";
constexpr store::Sql next_due_sql =
    "select next_try_at from mail_outbox where state = 'waiting' order by next_try_at limit 1";
// A letter that another node is about to claim is passed over: nobody waits for its commit to take the next.
constexpr store::Sql claim_sql =
    "update mail_outbox set attempts = attempts + 1, next_try_at = $2 where "
    "id = (select id from mail_outbox where state = 'waiting' and next_try_at <= $1 order by next_try_at "
    "limit 1 for update skip locked) "
    "returning id, kind, recipient, subject, body_text, body_html, sealed_token, attempts, good_until, "
    "created_at";
constexpr store::Sql put_off_sql =
    "update mail_outbox set next_try_at = $2, last_error = $3 where id = $1 and state = 'waiting'";
constexpr store::Sql settle_sql =
    "update mail_outbox set state = $2, last_error = $3, settled_at = $4, body_text = '', body_html = '', "
    "sealed_token = '' where id = $1";
constexpr store::Sql forget_words_sql =
    "update mail_outbox set state = case when state = 'waiting' then 'failed' else state end, "
    "settled_at = coalesce(settled_at, $2), recipient = 'forgotten@example.invalid', recipient_key = '', "
    "subject = '', "
    "body_text = '', body_html = '', sealed_token = '' where recipient_key = $1";
constexpr store::Sql delete_settled_sql =
    "delete from mail_outbox where id in (select id from mail_outbox where settled_at < $1 order by "
    "settled_at limit $2)";

}  // namespace

void insert(store::Tx& tx, const LetterRow& row, const std::string& event) {
    tx.run(insert_sql, row.id, event, row.kind, row.recipient, row.recipient.key(), row.subject,
           row.body_text, row.body_html, row.sealed_token, tx.now(), row.good_until);
}

std::optional<core::Time> find_next_due(store::Tx& tx) {
    return tx.find<core::Time>(next_due_sql);
}

std::optional<LetterRow> claim(store::Tx& tx, core::Time lease_ends) {
    return tx.find<LetterRow>(claim_sql, tx.now(), lease_ends);
}

void put_off(store::Tx& tx, LetterId letter, core::Time until, std::string_view reason) {
    tx.run(put_off_sql, letter, until, reason);
}

void settle(store::Tx& tx, LetterId letter, std::string_view state, std::string_view reason) {
    tx.run(settle_sql, letter, state, reason, tx.now());
}

void forget_words_to(store::Tx& tx, const core::Email& recipient) {
    tx.run(forget_words_sql, recipient.key(), tx.now());
}

std::int64_t delete_settled_before(store::Tx& tx, core::Time time, std::int64_t limit) {
    return tx.count_changed(delete_settled_sql, time, limit);
}

}  // namespace mail::outbox
