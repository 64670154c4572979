// What stays of somebody in the chat who had their account erased: that somebody wrote, and when.
#include "chat/chat.hpp"
#include "chat/events.hpp"

namespace chat {
namespace {

// Everybody who writes in a conversation has joined it, so its members lead to all that somebody wrote.
#define IN_THEIR_CONVERSATIONS \
    "conversation_id in (select conversation_id from conversation_members where user_id = $1)"

constexpr store::Sql unindex_sql =
    "delete from message_words where message_id in "
    "(select id from messages where sender_id = $1 and " IN_THEIR_CONVERSATIONS ")";
// Their files, which no row names any more, are swept away.
constexpr store::Sql forget_pictures_sql =
    "delete from chat_pictures where message_id in "
    "(select id from messages where sender_id = $1 and " IN_THEIR_CONVERSATIONS ")";
constexpr store::Sql forget_unsent_sql =
    "delete from chat_pictures where message_id is null and uploaded_by = $1";
constexpr store::Sql take_back_sql =
    "update messages set text = '', picture_count = 0, deleted_at = coalesce(deleted_at, $2) "
    "where sender_id = $1 and " IN_THEIR_CONVERSATIONS;
constexpr store::Sql close_sql =
    "update conversations set status = 'closed', subject = null where owner_id = $1 or partner_id = $1 "
    "returning id";
constexpr store::Sql forget_reported_sql = "update chat_reports set text = '' where sender_id = $1";
constexpr store::Sql forget_reasons_sql = "update chat_reports set reason = '' where reported_by = $1";
constexpr store::Sql forget_blocks_sql = "delete from chat_blocks where user_id = $1";
constexpr store::Sql forget_pace_sql = "delete from chat_pace where user_id = $1";

}  // namespace

void forget_person(store::Tx& tx, core::UserId user) {
    tx.run(unindex_sql, user);
    tx.run(forget_pictures_sql, user);
    tx.run(forget_unsent_sql, user);
    tx.run(take_back_sql, user, tx.now());
    for (const auto& conversation : tx.list<ConversationId>(close_sql, user))
        tx.append_event(std::string(updated_event), conversation.str());
    tx.run(forget_reported_sql, user);
    tx.run(forget_reasons_sql, user);
    tx.run(forget_blocks_sql, user);
    tx.run(forget_pace_sql, user);
}

}  // namespace chat
