// What the tests of chat share: a customer, somebody else and two agents, and verbs that end the test when
// they fail.
#pragma once

#include "chat/chat.hpp"

#include "support/people.hpp"
#include "support/test_database.hpp"

namespace chat {

class ChatShop : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        ann = support::sign_up(db(), "ann@example.com");
        eve = support::sign_up(db(), "eve@example.com");
        mia = support::sign_up(db(), "mia@example.com", core::Role::support);
        max = support::sign_up(db(), "max@example.com", core::Role::support);
    }

    static MessageText words(std::string text) { return MessageText::trusted(std::move(text)); }

    auto open(const core::Caller& caller, const OpenConversation& in) {
        return write([&](store::Tx& tx) { return open_conversation(tx, caller, settings, in); });
    }
    Conversation ask_support(const core::Caller& caller) { return support::must(open(caller, {})); }
    Conversation talk_to(const core::Caller& caller, const core::Caller& other) {
        OpenConversation in{.kind = ConversationKind::direct};
        in.participant_id = other.user;
        return support::must(open(caller, in));
    }
    auto get(const core::Caller& caller, ConversationId id) {
        return read([&, id](store::Tx& tx) { return get_conversation(tx, caller, {id}); });
    }
    std::vector<ConversationId> ids(const core::Caller& caller, const ConversationQuery& query) {
        auto list = support::must(read([&](store::Tx& tx) { return list_conversations(tx, caller, query); }));
        std::vector<ConversationId> ids;
        for (const auto& conversation : list.data)
            ids.push_back(conversation.id);
        return ids;
    }
    auto change(const core::Caller& caller, const ConversationPatch& patch) {
        return write([&](store::Tx& tx) { return change_conversation(tx, caller, patch); });
    }
    auto assign(const core::Caller& caller, ConversationId id, std::optional<core::UserId> agent) {
        return change(caller, {id, {}, {true, agent}});
    }
    auto take(const core::Caller& caller, ConversationId id) {
        return write([&, id](store::Tx& tx) { return take_conversation(tx, caller, {id}); });
    }
    auto send(const core::Caller& caller, ConversationId id, const std::string& text,
              std::optional<std::string> client_id = {}) {
        SendMessage in{id, words(text), {}, {}};
        if (client_id) in.client_id = ClientId::trusted(*client_id);
        return write([&, in](store::Tx& tx) { return send_message(tx, caller, settings, in); });
    }
    Message say(const core::Caller& caller, ConversationId id, const std::string& text) {
        return support::must(send(caller, id, text));
    }
    auto list(const core::Caller& caller, const MessageQuery& query) {
        return read([&](store::Tx& tx) { return list_messages(tx, caller, query); });
    }
    std::vector<std::string> texts(const core::Caller& caller, const MessageQuery& query) {
        std::vector<std::string> texts;
        for (const auto& message : support::must(list(caller, query)).data)
            texts.push_back(message.text);
        return texts;
    }
    auto read_up_to(const core::Caller& caller, const Message& message) {
        return write(
            [&](store::Tx& tx) { return mark_read(tx, caller, {message.conversation_id, message.id}); });
    }
    std::int64_t unread(const core::Caller& caller, ConversationId id) {
        return support::must(get(caller, id)).unread_count;
    }
    auto edit(const core::Caller& caller, const Message& message, const std::string& text) {
        return write([&](store::Tx& tx) {
            return edit_message(tx, caller, {message.conversation_id, message.id, words(text)});
        });
    }
    auto take_back(const core::Caller& caller, const Message& message) {
        return write(
            [&](store::Tx& tx) { return delete_message(tx, caller, {message.conversation_id, message.id}); });
    }
    std::vector<std::string> events_of(ConversationId id) {
        return support::must(read([&](store::Tx& tx) {
            return tx.list<std::string>("select type from events where subject = $1 order by id", id);
        }));
    }

    Settings settings;
    core::Caller ann;
    core::Caller eve;
    core::Caller mia;
    core::Caller max;
};

}  // namespace chat
