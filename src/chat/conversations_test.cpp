// Who may see a conversation, who answers it, and the lists of both, on both engines.
#include "chat/chat_fixture.hpp"

#include <thread>

namespace chat {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

class Conversations : public ChatShop {};
KONTOR_ON_BOTH_ENGINES(Conversations);

TEST_P(Conversations, OfSupportBelongToTheCustomerAndTheTeam) {
    OpenConversation in;
    in.subject = core::Text<1, 200>::trusted("Where is my mug?");
    in.text = words("I ordered it last week.");
    auto opened = must(open(ann, in));
    EXPECT_EQ(opened.kind, ConversationKind::support);
    EXPECT_EQ(opened.status, ConversationStatus::open);
    EXPECT_EQ(opened.subject, "Where is my mug?");
    EXPECT_EQ(opened.last_message.value().text, "I ordered it last week.");
    ASSERT_EQ(opened.participants.size(), 1U);
    EXPECT_EQ(opened.participants[0].user_id, ann.user);
    EXPECT_EQ(must(get(mia, opened.id)).id, opened.id);
    EXPECT_EQ(events_of(opened.id), (std::vector<std::string>{"conversation.opened", "message.sent"}));
}

// SE-12: every query of an object carries its owner.
TEST_P(Conversations, OfOthersDoNotExist) {
    auto support = ask_support(ann);
    auto message = say(ann, support.id, "Hello?");
    auto direct = talk_to(ann, mia);
    for (auto id : {support.id, direct.id}) {
        EXPECT_EQ(error_code(get(eve, id)), ErrorCode::not_found);
        EXPECT_EQ(error_code(send(eve, id, "psst", "1")), ErrorCode::not_found);
        EXPECT_EQ(error_code(list(eve, {.id = id})), ErrorCode::not_found);
        EXPECT_EQ(error_code(change(eve, {id, ConversationStatus::closed, {}})), ErrorCode::not_found);
    }
    EXPECT_EQ(error_code(read_up_to(eve, message)), ErrorCode::not_found);
    EXPECT_EQ(error_code(edit(eve, message, "psst")), ErrorCode::not_found);
    EXPECT_EQ(error_code(take_back(eve, message)), ErrorCode::not_found);
    EXPECT_EQ(ids(eve, {}), std::vector<ConversationId>{});
    // What two people say to each other is no business of the team's.
    EXPECT_EQ(error_code(get(max, direct.id)), ErrorCode::not_found);
}

TEST_P(Conversations, BetweenTwoPeopleAreOne) {
    auto opened = talk_to(ann, eve);
    EXPECT_EQ(talk_to(eve, ann).id, opened.id);
    EXPECT_EQ(opened.participants.size(), 2U);
    EXPECT_EQ(events_of(opened.id), std::vector<std::string>{"conversation.opened"});
    OpenConversation nobody{.kind = ConversationKind::direct};
    EXPECT_EQ(error_code(open(ann, nobody)), ErrorCode::validation_failed);
    nobody.participant_id = core::UserId::at(clock.now());
    EXPECT_EQ(error_code(open(ann, nobody)), ErrorCode::validation_failed);
    nobody.participant_id = ann.user;
    EXPECT_EQ(error_code(open(ann, nobody)), ErrorCode::validation_failed);
}

TEST_P(Conversations, AreOpenedByTheTeamForACustomer) {
    OpenConversation in;
    in.participant_id = ann.user;
    in.text = words("Your mug broke on its way. Shall we send another?");
    auto opened = must(open(mia, in));
    EXPECT_EQ(opened.assigned_to, mia.user);
    EXPECT_EQ(unread(ann, opened.id), 1);
    EXPECT_EQ(ids(ann, {}), std::vector{opened.id});
    EXPECT_EQ(error_code(open(eve, in)), ErrorCode::validation_failed);
}

TEST_P(Conversations, AboutAnOrderNeedOneThatTheCallerSees) {
    OpenConversation in;
    in.order_id = core::OrderId::at(clock.now());
    EXPECT_EQ(error_code(open(ann, in)), ErrorCode::validation_failed);
}

TEST_P(Conversations, AreTakenOutOfTheQueueByOne) {
    auto asked = ask_support(ann);
    std::atomic<int> taken = 0;
    std::atomic<int> too_late = 0;
    {
        std::vector<std::jthread> threads;
        for (const auto* agent : {&mia, &max}) {
            threads.emplace_back([&, agent] {
                auto result = take(*agent, asked.id);
                if (result) {
                    ++taken;
                } else if (result.error().code == ErrorCode::conflict) {
                    ++too_late;
                }
            });
        }
    }
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(too_late, 1);
    EXPECT_TRUE(must(get(mia, asked.id)).assigned_to.has_value());
    EXPECT_EQ(must(assign(max, asked.id, max.user)).assigned_to, max.user) << "taking over";
    EXPECT_EQ(must(assign(max, asked.id, {})).assigned_to, std::nullopt) << "back into the queue";
}

TEST_P(Conversations, AreAssignedByTheTeamToTheTeam) {
    auto asked = ask_support(ann);
    EXPECT_EQ(error_code(assign(ann, asked.id, mia.user)), ErrorCode::forbidden);
    EXPECT_EQ(error_code(assign(mia, asked.id, eve.user)), ErrorCode::validation_failed);
    auto own = ask_support(mia);
    EXPECT_EQ(error_code(take(mia, own.id)), ErrorCode::forbidden);
    EXPECT_EQ(error_code(assign(max, own.id, mia.user)), ErrorCode::validation_failed);
    EXPECT_EQ(must(take(max, own.id)).assigned_to, max.user);
}

TEST_P(Conversations, CloseAndReopen) {
    auto asked = ask_support(ann);
    EXPECT_EQ(must(change(mia, {asked.id, ConversationStatus::closed, {}})).status,
              ConversationStatus::closed);
    EXPECT_EQ(must(change(ann, {asked.id, ConversationStatus::open, {}})).status, ConversationStatus::open);
    must(change(ann, {asked.id, ConversationStatus::closed, {}}));
    say(ann, asked.id, "It broke again.");
    EXPECT_EQ(must(get(ann, asked.id)).status, ConversationStatus::open);
}

TEST_P(Conversations, AreListedLastActiveFirst) {
    std::vector<ConversationId> opened;
    for (int i = 0; i < 5; ++i) {
        opened.push_back(ask_support(ann).id);
        clock.advance(std::chrono::seconds{1});
    }
    say(ann, opened[1], "Anybody there?");
    must(take(mia, opened[3]));
    must(change(mia, {opened[0], ConversationStatus::closed, {}}));
    std::vector expected{opened[1], opened[4], opened[3], opened[2], opened[0]};
    auto all = ids(ann, {});
    EXPECT_EQ(std::set(all.begin(), all.end()), std::set(expected.begin(), expected.end()));
    auto asked = [&](std::string_view whose) {
        return ids(mia, {.assigned_to = Assignee::from_text(whose).value()});
    };
    EXPECT_EQ(asked("me"), std::vector{opened[3]});
    EXPECT_EQ(asked(mia.user->text()), std::vector{opened[3]});
    EXPECT_EQ(asked("none").size(), 4U);
    EXPECT_EQ(ids(mia, {.status = ConversationStatus::closed}), std::vector{opened[0]});
    EXPECT_EQ(ids(ann, {.status = ConversationStatus::closed}), std::vector{opened[0]});
    EXPECT_EQ(ids(mia, {}).size(), 5U);
    EXPECT_EQ(ids(mia, {.kind = ConversationKind::direct}).size(), 0U);
    auto refused = read([&](store::Tx& tx) {
        return list_conversations(tx, ann, {.assigned_to = Assignee::from_text("none").value()});
    });
    EXPECT_EQ(error_code(refused), ErrorCode::forbidden);
}

TEST_P(Conversations, ComeInPages) {
    std::set<ConversationId> opened;
    for (int i = 0; i < 7; ++i)
        opened.insert(ask_support(ann).id);
    opened.insert(talk_to(eve, ann).id);
    opened.insert(talk_to(ann, mia).id);
    std::vector<ConversationId> seen;
    ConversationQuery query{.limit = core::PageLimit(4)};
    for (;;) {
        auto page = must(read([&](store::Tx& tx) { return list_conversations(tx, ann, query); }));
        for (const auto& conversation : page.data)
            seen.push_back(conversation.id);
        if (!page.has_more) break;
        query.cursor = core::Cursor::from_text(page.next_cursor.value()).value();
    }
    EXPECT_EQ(seen.size(), 9U);
    EXPECT_EQ(std::set(seen.begin(), seen.end()), opened);
}

TEST_P(Conversations, OpenedTooFastAreRefused) {
    settings.conversations_burst = 2;
    ask_support(ann);
    ask_support(ann);
    auto refused = open(ann, {});
    ASSERT_EQ(error_code(refused), ErrorCode::rate_limited);
    EXPECT_EQ(refused.error().extra.at("retry_after_seconds").as_int64(), 36) << "100 in an hour";
    ask_support(eve);
    clock.advance(std::chrono::seconds{36});
    ask_support(ann);
    EXPECT_EQ(error_code(open(ann, {})), ErrorCode::rate_limited);
}

}  // namespace
}  // namespace chat
