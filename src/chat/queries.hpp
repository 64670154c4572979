// The SQL of conversations and messages. Who may see a conversation is part of each statement that names one.
#pragma once

#include "chat/chat.hpp"

#include <limits>

namespace chat::queries {

// Who is looking: support's conversations are the whole team's.
struct Viewer {
    core::UserId user;
    bool agent = false;
};

struct ConversationRow {
    ConversationId id;
    ConversationKind kind = ConversationKind::support;
    ConversationStatus status = ConversationStatus::open;
    std::optional<std::string> subject;
    std::optional<core::OrderId> order_id;
    core::UserId owner_id;
    std::optional<core::UserId> partner_id;
    std::optional<core::UserId> assigned_to;
    std::int64_t last_sequence = 0;
    core::Time created_at;
    core::Time updated_at;

    bool is_party(core::UserId user) const { return user == owner_id || user == partner_id; }
};
BOOST_DESCRIBE_STRUCT(ConversationRow, (),
                      (id, kind, status, subject, order_id, owner_id, partner_id, assigned_to, last_sequence,
                       created_at, updated_at))

struct MessageRow {
    MessageId id;
    ConversationId conversation_id;
    std::int64_t sequence = 0;
    core::UserId sender_id;
    std::optional<std::string> client_id;
    std::string text;
    core::Time created_at;
    std::optional<core::Time> edited_at;
    std::optional<core::Time> deleted_at;
    std::int64_t picture_count = 0;
};
BOOST_DESCRIBE_STRUCT(MessageRow, (),
                      (id, conversation_id, sequence, sender_id, client_id, text, created_at, edited_at,
                       deleted_at, picture_count))

struct MemberRow {
    ConversationId conversation_id;
    core::UserId user_id;
    bool joined = false;
    std::int64_t read_sequence = 0;
};
BOOST_DESCRIBE_STRUCT(MemberRow, (), (conversation_id, user_id, joined, read_sequence))

// False, and nothing happens, if the two have a direct conversation already.
bool insert_conversation(store::Tx& tx, const ConversationRow& row);
std::optional<ConversationRow> find_direct(store::Tx& tx, core::UserId one, core::UserId other);
std::optional<ConversationRow> find_visible(store::Tx& tx, ConversationId id, const Viewer& viewer);
// Takes the next place for a message, which opens the conversation. Locks its row until the end of the
// transaction. Empty if the viewer can't see it, or has sent the message of this client_id already.
std::optional<ConversationRow> advance(store::Tx& tx, ConversationId id, const Viewer& viewer,
                                       const std::optional<ClientId>& client_id);
std::optional<ConversationRow> update(store::Tx& tx, const ConversationPatch& patch, const Viewer& viewer);
std::vector<ConversationRow> list_conversations(store::Tx& tx, const std::vector<std::string>& ids);
// Empty unless the conversation is support's and nobody else's.
std::optional<ConversationRow> take(store::Tx& tx, ConversationId id, core::UserId agent);

// What a list is narrowed to and where its page begins (below that place, last active first).
struct ConversationFilter {
    Viewer viewer;
    std::optional<ConversationKind> kind;
    std::optional<ConversationStatus> status;
    std::optional<Assignee> assigned_to;
    core::Time before_updated{std::numeric_limits<std::int64_t>::max()};
    ConversationId before_id = ConversationId::highest();
    std::int64_t limit = 0;
};
std::vector<ConversationRow> list_own(store::Tx& tx, const ConversationFilter& filter);
std::vector<ConversationRow> list_support(store::Tx& tx, const ConversationFilter& filter);

void join(store::Tx& tx, ConversationId id, core::UserId user);
// True if the user had not read so far before.
bool set_read(store::Tx& tx, ConversationId id, core::UserId user, std::int64_t sequence);
void set_team_read(store::Tx& tx, ConversationId id, std::int64_t sequence);
std::vector<MemberRow> list_members(store::Tx& tx, const std::vector<std::string>& conversation_ids);

struct UnreadCount {
    ConversationId conversation_id;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(UnreadCount, (), (conversation_id, count))
std::vector<UnreadCount> count_unread(store::Tx& tx, const std::vector<std::string>& conversation_ids,
                                      core::UserId reader);

std::optional<MessageRow> find_sent(store::Tx& tx, ConversationId id, core::UserId sender,
                                    const ClientId& client_id);
// False if a message of the same sender and client_id is there.
bool insert_message(store::Tx& tx, const MessageRow& row);
std::optional<MessageRow> find_message(store::Tx& tx, ConversationId id, MessageId message);
// Only of a conversation with support.
std::optional<MessageRow> find_support_message(store::Tx& tx, ConversationId id, MessageId message);
std::vector<MessageRow> list_messages(store::Tx& tx, const std::vector<std::string>& message_ids);
std::vector<MessageRow> list_last_messages(store::Tx& tx, const std::vector<std::string>& conversation_ids);
std::vector<MessageRow> list_before(store::Tx& tx, ConversationId id, std::int64_t sequence,
                                    std::int64_t limit);
std::vector<MessageRow> list_after(store::Tx& tx, ConversationId id, std::int64_t sequence,
                                   std::int64_t limit);

// Empty unless the message is the sender's own, not deleted, and younger than `since`.
std::optional<MessageRow> set_text(store::Tx& tx, const MessagePatch& patch, core::UserId sender,
                                   core::Time since);
std::optional<MessageRow> set_deleted(store::Tx& tx, const MessagePath& path, core::UserId sender,
                                      core::Time since);

// Those who share a conversation with somebody, at most `limit`.
std::vector<core::UserId> list_acquaintances(store::Tx& tx, core::UserId user, std::int64_t limit);
// True if one of the two has blocked the other.
bool is_blocked(store::Tx& tx, core::UserId one, core::UserId other);

}  // namespace chat::queries
