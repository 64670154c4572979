// What the event log says of chat: ids and places, never a text, which may be taken back. The subject is
// always the conversation's id.
#pragma once

#include "chat/chat.hpp"

namespace chat {

inline constexpr std::string_view opened_event = "conversation.opened";
inline constexpr std::string_view updated_event = "conversation.updated";
inline constexpr std::string_view sent_event = "message.sent";
inline constexpr std::string_view changed_event = "message.updated";
inline constexpr std::string_view read_event = "message.read";

// Payload of message.sent and message.updated.
struct MessageEvent {
    MessageId message_id;
    core::UserId sender_id;
};
BOOST_DESCRIBE_STRUCT(MessageEvent, (), (message_id, sender_id))

// Payload of message.read.
struct ReadEvent {
    core::UserId user_id;
    MessageId message_id;
};
BOOST_DESCRIBE_STRUCT(ReadEvent, (), (user_id, message_id))

}  // namespace chat
