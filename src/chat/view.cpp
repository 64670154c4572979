#include "chat/view.hpp"

#include "chat/pictures.hpp"

#include "users/users.hpp"

#include <map>
#include <set>

namespace chat {
namespace {

using queries::ConversationRow;
using queries::MemberRow;
using queries::MessageRow;

using People = std::map<core::UserId, users::Person>;
using Members = std::map<ConversationId, std::vector<MemberRow>>;
using PicturesOf = std::map<MessageId, std::vector<ChatPicture>>;

People find_people(store::Tx& tx, const std::set<core::UserId>& wanted) {
    std::vector<std::string> ids;
    for (const auto& id : wanted)
        ids.push_back(id.str());
    People people;
    for (auto& person : users::list_people(tx, ids))
        people.emplace(person.id, std::move(person));
    return people;
}

// Somebody whose account is gone has no name any more, but what they wrote stays in its place.
users::Person person_of(const People& people, core::UserId id) {
    auto found = people.find(id);
    return found == people.end() ? users::Person{id, "", core::Role::customer, true} : found->second;
}

Members by_conversation(const std::vector<MemberRow>& rows) {
    Members members;
    for (const auto& row : rows)
        members[row.conversation_id].push_back(row);
    return members;
}

PicturesOf find_pictures(store::Tx& tx, const std::vector<MessageRow>& rows) {
    std::vector<std::string> ids;
    for (const auto& row : rows) {
        if (row.picture_count > 0) ids.push_back(row.id.str());
    }
    return list_pictures(tx, ids);
}

Message to_message(const MessageRow& row, const People& people, const std::vector<MemberRow>& members,
                   PicturesOf& pictures) {
    auto sender = person_of(people, row.sender_id);
    Message message{row.id,
                    row.conversation_id,
                    {sender.id, sender.name, sender.role},
                    row.text,
                    row.client_id,
                    row.created_at,
                    row.edited_at,
                    row.deleted_at,
                    {},
                    std::move(pictures[row.id])};
    for (const auto& member : members) {
        if (member.read_sequence >= row.sequence && member.user_id != row.sender_id)
            message.read_by.push_back(member.user_id);
    }
    return message;
}

template <class Row>
std::vector<std::string> conversations_of(const std::vector<Row>& rows) {
    std::set<std::string> ids;
    for (const auto& row : rows) {
        if constexpr (std::is_same_v<Row, MessageRow>) {
            ids.insert(row.conversation_id.str());
        } else {
            ids.insert(row.id.str());
        }
    }
    return {ids.begin(), ids.end()};
}

Conversation to_conversation(const ConversationRow& row, const People& people,
                             const std::vector<MemberRow>& members) {
    Conversation conversation;
    conversation.id = row.id;
    conversation.kind = row.kind;
    conversation.subject = row.subject;
    conversation.status = row.status;
    conversation.order_id = row.order_id;
    conversation.assigned_to = row.assigned_to;
    conversation.created_at = row.created_at;
    conversation.updated_at = row.updated_at;
    for (const auto& member : members) {
        if (!member.joined) continue;
        auto person = person_of(people, member.user_id);
        conversation.participants.push_back({person.id, person.name, person.role});
    }
    return conversation;
}

}  // namespace

std::vector<Conversation> shown(store::Tx& tx, core::UserId reader,
                                const std::vector<ConversationRow>& rows) {
    std::vector<Conversation> conversations;
    if (rows.empty()) return conversations;
    auto ids = conversations_of(rows);
    auto members = by_conversation(queries::list_members(tx, ids));
    auto last_messages = queries::list_last_messages(tx, ids);
    std::set<core::UserId> seen;
    for (const auto& [id, list] : members) {
        for (const auto& member : list)
            seen.insert(member.user_id);
    }
    for (const auto& message : last_messages)
        seen.insert(message.sender_id);
    auto people = find_people(tx, seen);
    auto pictures = find_pictures(tx, last_messages);

    std::map<ConversationId, std::size_t> place;
    for (const auto& row : rows) {
        place[row.id] = conversations.size();
        conversations.push_back(to_conversation(row, people, members[row.id]));
    }
    for (const auto& row : last_messages) {
        auto& conversation = conversations[place.at(row.conversation_id)];
        conversation.last_message = to_message(row, people, members[row.conversation_id], pictures);
    }
    for (const auto& unread : queries::count_unread(tx, ids, reader))
        conversations[place.at(unread.conversation_id)].unread_count = unread.count;
    return conversations;
}

Conversation shown(store::Tx& tx, core::UserId reader, const ConversationRow& row) {
    return std::move(shown(tx, reader, std::vector{row}).front());
}

std::vector<Message> shown(store::Tx& tx, const std::vector<MessageRow>& rows) {
    std::vector<Message> messages;
    if (rows.empty()) return messages;
    auto members = by_conversation(queries::list_members(tx, conversations_of(rows)));
    std::set<core::UserId> seen;
    for (const auto& row : rows)
        seen.insert(row.sender_id);
    auto people = find_people(tx, seen);
    auto pictures = find_pictures(tx, rows);
    for (const auto& row : rows)
        messages.push_back(to_message(row, people, members[row.conversation_id], pictures));
    return messages;
}

Message shown(store::Tx& tx, const MessageRow& row) {
    return std::move(shown(tx, std::vector{row}).front());
}

Message shown_new(store::Tx& tx, const MessageRow& row) {
    auto pictures = find_pictures(tx, {row});
    return to_message(row, find_people(tx, {row.sender_id}), {}, pictures);
}

}  // namespace chat
