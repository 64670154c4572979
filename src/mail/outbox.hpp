// The SQL of letters that wait, were delivered, or never will be.
#pragma once

#include "mail/mail.hpp"

namespace mail::outbox {

struct LetterRow {
    LetterId id;
    std::string kind;
    core::Email recipient;
    std::string subject;
    std::string body_text;
    std::string body_html;
    std::string sealed_token = {};  // empty: none
    std::int64_t attempts = 0;
    std::optional<core::Time> good_until;
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(LetterRow, (),
                      (id, kind, recipient, subject, body_text, body_html, sealed_token, attempts, good_until,
                       created_at))

// False if there was one of that event and kind.
void insert(store::Tx& tx, const LetterRow& row, const std::string& event);

// When the next letter is due, if any waits.
std::optional<core::Time> find_next_due(store::Tx& tx);

// The letter that is due longest, put off until `lease_ends`: no other node takes it before. Counts an
// attempt.
std::optional<LetterRow> claim(store::Tx& tx, core::Time lease_ends);

void put_off(store::Tx& tx, LetterId letter, core::Time until, std::string_view reason);
// Delivered, or given up with a reason. Either way its words are forgotten.
void settle(store::Tx& tx, LetterId letter, std::string_view state, std::string_view reason);
void forget_words_to(store::Tx& tx, const core::Email& recipient);
// At most `limit`; returns how many.
std::int64_t delete_settled_before(store::Tx& tx, core::Time time, std::int64_t limit);

}  // namespace mail::outbox
