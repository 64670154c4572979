#include "chat/followers.hpp"

#include "chat/events.hpp"
#include "chat/sockets.hpp"
#include "chat/view.hpp"

#include "core/json_read.hpp"
#include "core/or_throw.hpp"

#include <map>
#include <set>

namespace chat {
namespace {

struct MessageNews {
    Message message;
};
BOOST_DESCRIBE_STRUCT(MessageNews, (), (message))

struct ReadNews {
    ConversationId conversation_id;
    core::UserId user_id;
    MessageId message_id;
};
BOOST_DESCRIBE_STRUCT(ReadNews, (), (conversation_id, user_id, message_id))

template <class T>
T from_payload(const store::Event& event) {
    auto payload = core::from_json<T>(event.payload);
    if (!payload) throw std::logic_error("an event of chat is malformed: " + event.type);
    return std::move(*payload);
}

bool is_ours(const store::Event& event) {
    return event.type.starts_with("conversation.") || event.type.starts_with("message.");
}

// What happened in one batch of the log, as the database shows it now.
class News {
public:
    News(store::Tx& tx, std::span<const store::Event> events) : tx_(tx) {
        std::set<std::string> conversations;
        std::set<std::string> messages;
        for (const auto& event : events) {
            conversations.insert(event.subject);
            if (event.type == sent_event || event.type == changed_event)
                messages.insert(from_payload<MessageEvent>(event).message_id.str());
        }
        for (auto& row : queries::list_conversations(tx, {conversations.begin(), conversations.end()}))
            conversations_.emplace(row.id, std::move(row));
        rows_ = queries::list_messages(tx, {messages.begin(), messages.end()});
        for (auto& message : shown(tx, rows_))
            messages_.emplace(message.id, std::move(message));
    }

    // In the order of their places.
    const std::vector<queries::MessageRow>& rows() const { return rows_; }
    const Message& message(MessageId id) const { return messages_.at(id); }
    const queries::ConversationRow& conversation(ConversationId id) const { return conversations_.at(id); }
    // Nobody's own: as the team sees it.
    Conversation for_team(const queries::ConversationRow& row) { return shown(tx_, {}, row); }
    Conversation for_party(core::UserId user, const queries::ConversationRow& row) {
        return shown(tx_, user, row);
    }

private:
    store::Tx& tx_;
    std::map<ConversationId, queries::ConversationRow> conversations_;
    std::vector<queries::MessageRow> rows_;
    std::map<MessageId, Message> messages_;
};

using realtime::Namespace;

std::vector<core::UserId> parties_of(const queries::ConversationRow& row) {
    std::vector parties{row.owner_id};
    if (row.partner_id) parties.push_back(*row.partner_id);
    return parties;
}

// Every device of those who take part, whether it shows the conversation or not, and whoever looks at it.
realtime::Broadcast audience_of(Namespace& space, const queries::ConversationRow& row) {
    auto audience = space.to(room_of(row.id));
    for (const auto& user : parties_of(row))
        audience.to(Namespace::user_room(user));
    if (row.assigned_to) audience.to(Namespace::user_room(*row.assigned_to));
    return audience;
}

void tell_of_conversation(Namespace& space, News& news, const queries::ConversationRow& row,
                          std::string_view event) {
    if (row.kind == ConversationKind::support)
        space.to(std::string(agents_room)).emit(event, news.for_team(row));
    for (const auto& user : parties_of(row)) {
        if (space.is_online(user)) space.to_user(user).emit(event, news.for_party(user, row));
    }
}

void tell(Namespace& space, News& news, std::span<const store::Event> events) {
    for (const auto& event : events) {
        if (event.type == opened_event)
            tell_of_conversation(space, news, news.conversation(*ConversationId::from_text(event.subject)),
                                 "conversation:new");
    }
    std::set<MessageId> sent;
    for (const auto& event : events) {
        if (event.type == sent_event) sent.insert(from_payload<MessageEvent>(event).message_id);
    }
    for (const auto& row : news.rows()) {
        if (sent.contains(row.id))
            audience_of(space, news.conversation(row.conversation_id))
                .emit("message:new", MessageNews{news.message(row.id)});
    }
    for (const auto& event : events) {
        if (event.type == opened_event || event.type == sent_event) continue;
        const auto& row = news.conversation(*ConversationId::from_text(event.subject));
        if (event.type == changed_event) {
            auto id = from_payload<MessageEvent>(event).message_id;
            audience_of(space, row).emit("message:updated", MessageNews{news.message(id)});
        } else if (event.type == read_event) {
            auto read = from_payload<ReadEvent>(event);
            audience_of(space, row).emit("message:read", ReadNews{row.id, read.user_id, read.message_id});
        } else if (event.type == updated_event) {
            tell_of_conversation(space, news, row, "conversation:updated");
        }
    }
}

}  // namespace

jobs::LiveFeed::Hear live_news(realtime::Hub& hub, store::Database& database) {
    return [&space = hub.of("/"), &database](std::span<const store::Event> events) {
        std::vector<store::Event> ours;
        std::ranges::copy_if(events, std::back_inserter(ours), is_ours);
        if (ours.empty() || space.socket_count() == 0) return;
        core::or_throw(store::read_now(database, [&](store::Tx& tx) {
            News news(tx, ours);
            tell(space, news, ours);
        }));
    };
}

}  // namespace chat
