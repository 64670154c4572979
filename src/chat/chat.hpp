// Talking: support conversations between a customer and the team, direct ones between two people. A message
// is durable before it is acknowledged, has one place in its conversation for everyone, and is one message
// however often its `client_id` is sent.
#pragma once

#include "chat/assignee.hpp"

#include "core/caller.hpp"
#include "core/page.hpp"
#include "core/patch.hpp"
#include "core/text.hpp"
#include "media/media.hpp"
#include "store/tx.hpp"

#include <chrono>

namespace chat {

using ConversationId = core::Id<"cnv">;
using MessageId = core::Id<"msg">;
using PictureId = core::Id<"pic">;

// What one person may do before they are asked to slow down.
struct Settings {
    std::int64_t messages_burst = 100;  // at once: a phone's unsent ones after a tunnel
    std::int64_t messages_per_minute = 120;
    std::int64_t conversations_burst = 100;  // opened at once
    std::int64_t conversations_per_hour = 100;
};

inline constexpr std::chrono::minutes change_window{5};  // for taking back what one has written
inline constexpr std::int64_t unread_count_max = 1000;   // beyond it nobody counts
inline constexpr std::size_t message_pictures_max = 4;   // of one message

enum class ConversationKind { support, direct };
BOOST_DESCRIBE_ENUM(ConversationKind, support, direct)

enum class ConversationStatus { open, closed };
BOOST_DESCRIBE_ENUM(ConversationStatus, open, closed)

struct MessageSender {
    core::UserId id;
    std::string name;
    core::Role role = core::Role::customer;
};
BOOST_DESCRIBE_STRUCT(MessageSender, (), (id, name, role))

// Its `urls` want the access token of somebody who may read the conversation.
struct ChatPicture {
    PictureId id;
    std::string alt;
    std::int64_t width = 0;  // pixels
    std::int64_t height = 0;
    std::string dominant_color;  // "#a0b1c2"
    media::ImageUrls urls;
};
BOOST_DESCRIBE_STRUCT(ChatPicture, (), (id, alt, width, height, dominant_color, urls))

// A deleted message has a `deleted_at`, no text and no pictures; one of pictures alone has no text.
struct Message {
    MessageId id;
    ConversationId conversation_id;
    MessageSender sender;
    std::string text;
    std::optional<std::string> client_id;
    core::Time created_at;
    std::optional<core::Time> edited_at;
    std::optional<core::Time> deleted_at;
    std::vector<core::UserId> read_by;  // without the sender
    std::vector<ChatPicture> pictures;
};
BOOST_DESCRIBE_STRUCT(Message, (),
                      (id, conversation_id, sender, text, client_id, created_at, edited_at, deleted_at,
                       read_by, pictures))

struct Participant {
    core::UserId user_id;
    std::string name;
    core::Role role = core::Role::customer;
};
BOOST_DESCRIBE_STRUCT(Participant, (), (user_id, name, role))

// `unread_count` is the reader's own; for the team, what the customer wrote and none of them has read.
struct Conversation {
    ConversationId id;
    ConversationKind kind = ConversationKind::support;
    std::optional<std::string> subject;
    ConversationStatus status = ConversationStatus::open;
    std::optional<core::OrderId> order_id;
    std::vector<Participant> participants;
    std::optional<core::UserId> assigned_to;
    std::optional<Message> last_message;
    std::int64_t unread_count = 0;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Conversation, (),
                      (id, kind, subject, status, order_id, participants, assigned_to, last_message,
                       unread_count, created_at, updated_at))

using MessageText = core::Text<1, 4000>;
using ClientId = core::Text<1, 100>;

struct OpenConversation {
    ConversationKind kind = ConversationKind::support;
    std::optional<core::Text<1, 200>> subject;
    std::optional<core::OrderId> order_id;
    std::optional<core::UserId> participant_id;  // the other one; for staff, the customer they turn to
    std::optional<MessageText> text;             // the first message
};
BOOST_DESCRIBE_STRUCT(OpenConversation, (), (kind, subject, order_id, participant_id, text))

// Two people have one direct conversation: a second try answers with it. Errors: 422 for an order or a person
// that isn't there for the caller, forbidden if one of the two has blocked the other, rate_limited.
core::Result<Conversation> open_conversation(store::Tx& tx, const core::Caller& caller,
                                             const Settings& settings, const OpenConversation& in);

struct ConversationPath {
    ConversationId id;
};
BOOST_DESCRIBE_STRUCT(ConversationPath, (), (id))

// Everything below: somebody else's conversation is not_found. Support's are the whole team's (chat:agent).
core::Result<Conversation> get_conversation(store::Tx& tx, const core::Caller& caller,
                                            const ConversationPath& in);

struct ConversationQuery {
    std::optional<ConversationKind> kind;
    std::optional<ConversationStatus> status;
    std::optional<Assignee> assigned_to;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(ConversationQuery, (), (kind, status, assigned_to, limit, cursor))

// What was last active first. Own ones; for the team those of all customers, and their own with kind=direct.
core::Result<core::List<Conversation>> list_conversations(store::Tx& tx, const core::Caller& caller,
                                                          const ConversationQuery& in);

struct ConversationPatch {
    ConversationId id;
    std::optional<ConversationStatus> status;
    core::Patch<core::UserId> assigned_to;  // null: back into the queue
};
BOOST_DESCRIBE_STRUCT(ConversationPatch, (), (id, status, assigned_to))

// Closes, reopens; assigns, which the team alone may, to one of them.
core::Result<Conversation> change_conversation(store::Tx& tx, const core::Caller& caller,
                                               const ConversationPatch& in);
// Out of the queue. 409 conflict if a colleague was quicker; to take over from them, assign it to yourself.
core::Result<Conversation> take_conversation(store::Tx& tx, const core::Caller& caller,
                                             const ConversationPath& in);

// Text, or pictures that the sender has uploaded to this conversation, or both.
struct SendMessage {
    ConversationId id;
    std::optional<MessageText> text;
    std::optional<ClientId> client_id;
    std::optional<std::vector<PictureId>> picture_ids;
};
BOOST_DESCRIBE_STRUCT(SendMessage, (), (id, text, client_id, picture_ids))

// A closed conversation is open again. Errors: forbidden between people of whom one has blocked the other,
// rate_limited with `retry_after_seconds`.
core::Result<Message> send_message(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                   const SendMessage& in);

struct MessageQuery {
    ConversationId id;
    std::optional<MessageId> after;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(MessageQuery, (), (id, after, limit, cursor))

// The latest first; with `after`, those behind that message in the order they were written.
core::Result<core::List<Message>> list_messages(store::Tx& tx, const core::Caller& caller,
                                                const MessageQuery& in);

struct ReadMessages {
    ConversationId id;
    MessageId message_id;
};
BOOST_DESCRIBE_STRUCT(ReadMessages, (), (id, message_id))

// Everything up to that message has been read by the caller. Going back changes nothing.
core::Result<void> mark_read(store::Tx& tx, const core::Caller& caller, const ReadMessages& in);

struct MessagePatch {
    ConversationId id;
    MessageId message_id;
    MessageText text;
};
BOOST_DESCRIBE_STRUCT(MessagePatch, (), (id, message_id, text))

struct MessagePath {
    ConversationId id;
    MessageId message_id;
};
BOOST_DESCRIBE_STRUCT(MessagePath, (), (id, message_id))

// One's own, within change_window: later it is 409 conflict; somebody else's is forbidden.
core::Result<Message> edit_message(store::Tx& tx, const core::Caller& caller, const MessagePatch& in);
core::Result<Message> delete_message(store::Tx& tx, const core::Caller& caller, const MessagePath& in);

// The files of all pictures in conversations, by name in the folder for them.
std::vector<std::string> list_picture_files(store::Tx& tx);

// Takes back all that an erased account's owner has written, and what they set for themselves. Their places
// in conversations stay, nobody's from now on.
void forget_person(store::Tx& tx, core::UserId user);

}  // namespace chat
