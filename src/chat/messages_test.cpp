// Writing, reading and taking back messages, on both engines.
#include "chat/chat_fixture.hpp"

#include <set>
#include <thread>

namespace chat {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

class Messages : public ChatShop {};
KONTOR_ON_BOTH_ENGINES(Messages);

TEST_P(Messages, SayWhoWroteThem) {
    auto asked = ask_support(ann);
    auto message = must(send(mia, asked.id, "How can I help?", "one"));
    EXPECT_EQ(message.conversation_id, asked.id);
    EXPECT_EQ(message.sender.id, mia.user);
    EXPECT_EQ(message.sender.name, "Ann Example");
    EXPECT_EQ(message.sender.role, core::Role::support);
    EXPECT_EQ(message.client_id, "one");
    EXPECT_EQ(must(get(ann, asked.id)).participants.size(), 2U) << "who writes takes part";
}

TEST_P(Messages, OfOneClientIdAreOneMessage) {
    auto asked = ask_support(ann);
    auto first = must(send(ann, asked.id, "Hello?", "a-1"));
    auto again = must(send(ann, asked.id, "Hello?", "a-1"));
    EXPECT_EQ(again.id, first.id);
    EXPECT_NE(must(send(mia, asked.id, "Hi", "a-1")).id, first.id) << "another sender's ids are their own";
    EXPECT_EQ(texts(ann, {.id = asked.id}), (std::vector<std::string>{"Hi", "Hello?"}));
    EXPECT_EQ(events_of(asked.id).size(), 3U);
}

// RE-10: one message and one event, also when every try arrives at once.
TEST_P(Messages, SentTwentyTimesAtOnceAreOne) {
    auto asked = ask_support(ann);
    std::mutex mutex;
    std::set<MessageId> seen;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 20; ++i) {
            threads.emplace_back([&] {
                auto message = must(send(ann, asked.id, "Hello?", "once"));
                std::lock_guard lock(mutex);
                seen.insert(message.id);
            });
        }
    }
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_EQ(texts(ann, {.id = asked.id}).size(), 1U);
    EXPECT_EQ(events_of(asked.id).size(), 2U);
}

// RE-10: everybody reads the same order, and no page misses or repeats one.
TEST_P(Messages, OfManyWritersHaveOneOrder) {
    auto asked = ask_support(ann);
    settings.messages_burst = 1000;
    constexpr int each = 25;
    {
        std::vector<std::jthread> threads;
        for (const auto* writer : {&ann, &mia, &max}) {
            threads.emplace_back([&, writer] {
                for (int i = 0; i < each; ++i)
                    say(*writer, asked.id, writer->user->str() + " " + std::to_string(i));
            });
        }
    }
    MessageQuery query{.id = asked.id, .limit = core::PageLimit(10)};
    std::vector<MessageId> latest_first;
    for (;;) {
        auto page = must(list(ann, query));
        for (const auto& message : page.data)
            latest_first.push_back(message.id);
        if (!page.has_more) break;
        query.cursor = core::Cursor::from_text(page.next_cursor.value()).value();
    }
    ASSERT_EQ(latest_first.size(), 3U * each);
    EXPECT_EQ(std::set(latest_first.begin(), latest_first.end()).size(), 3U * each);

    MessageQuery after{.id = asked.id, .after = latest_first.back(), .limit = core::PageLimit(7)};
    std::vector<MessageId> oldest_first{latest_first.back()};
    for (;;) {
        auto page = must(list(mia, after));
        for (const auto& message : page.data)
            oldest_first.push_back(message.id);
        if (!page.has_more) break;
        after.cursor = core::Cursor::from_text(page.next_cursor.value()).value();
    }
    std::ranges::reverse(latest_first);
    EXPECT_EQ(oldest_first, latest_first);
}

TEST_P(Messages, BehindOneOfAnotherConversationAreRefused) {
    auto mine = ask_support(ann);
    auto other = say(ann, ask_support(ann).id, "Elsewhere");
    EXPECT_EQ(error_code(list(ann, {.id = mine.id, .after = other.id})), ErrorCode::invalid_parameter);
}

TEST_P(Messages, AreUnreadUntilTheyAreRead) {
    auto asked = ask_support(ann);
    auto first = say(ann, asked.id, "Hello?");
    auto second = say(ann, asked.id, "Anybody?");
    EXPECT_EQ(unread(ann, asked.id), 0) << "one's own";
    EXPECT_EQ(unread(mia, asked.id), 2);
    must(read_up_to(mia, first));
    EXPECT_EQ(unread(mia, asked.id), 1);
    EXPECT_EQ(unread(max, asked.id), 1) << "a colleague has read it";
    EXPECT_EQ(must(get(ann, asked.id)).participants.size(), 1U) << "who only reads doesn't take part";
    auto answer = say(mia, asked.id, "I am here.");
    EXPECT_EQ(unread(ann, asked.id), 1);
    must(read_up_to(ann, answer));
    must(read_up_to(ann, first));
    EXPECT_EQ(unread(ann, asked.id), 0) << "going back changes nothing";
    auto shown = must(list(ann, {.id = asked.id})).data;
    EXPECT_EQ(shown[0].read_by, std::vector{*ann.user});
    EXPECT_EQ(shown[1].read_by, std::vector<core::UserId>{});
    EXPECT_EQ(shown[2].read_by, std::vector{*mia.user});
    EXPECT_EQ(std::ranges::count(events_of(asked.id), "message.read"), 2);
    must(read_up_to(mia, second));
    EXPECT_EQ(unread(max, asked.id), 0);
}

TEST_P(Messages, CanBeChangedByTheirWriterForFiveMinutes) {
    auto asked = ask_support(ann);
    auto message = say(ann, asked.id, "Wher is my mug?");
    auto edited = must(edit(ann, message, "Where is my mug?"));
    EXPECT_EQ(edited.text, "Where is my mug?");
    EXPECT_TRUE(edited.edited_at.has_value());
    EXPECT_EQ(error_code(edit(mia, message, "No mug")), ErrorCode::forbidden);
    clock.advance(change_window + std::chrono::milliseconds{1});
    EXPECT_EQ(error_code(edit(ann, message, "Never mind")), ErrorCode::conflict);
    EXPECT_EQ(error_code(take_back(ann, message)), ErrorCode::conflict);
    EXPECT_EQ(texts(mia, {.id = asked.id}), std::vector<std::string>{"Where is my mug?"});
}

TEST_P(Messages, TakenBackKeepTheirPlaceNotTheirText) {
    auto asked = ask_support(ann);
    auto message = say(ann, asked.id, "My password is hunter2");
    EXPECT_EQ(error_code(take_back(mia, message)), ErrorCode::forbidden);
    auto deleted = must(take_back(ann, message));
    EXPECT_EQ(deleted.text, "");
    EXPECT_TRUE(deleted.deleted_at.has_value());
    EXPECT_EQ(unread(mia, asked.id), 0);
    EXPECT_EQ(error_code(edit(ann, message, "back")), ErrorCode::not_found);
    auto kept = must(read([&](store::Tx& tx) {
        return tx.list<std::string>("select payload from events where payload like '%hunter2%'");
    }));
    EXPECT_TRUE(kept.empty()) << "the event log must not keep what was taken back";
}

TEST_P(Messages, SentTooFastAreRefusedButNeverLostOnAResend) {
    settings.messages_burst = 3;
    settings.messages_per_minute = 60;
    auto asked = ask_support(ann);
    auto first = must(send(ann, asked.id, "1", "1"));
    say(ann, asked.id, "2");
    say(ann, asked.id, "3");
    auto refused = send(ann, asked.id, "4", "4");
    ASSERT_EQ(error_code(refused), ErrorCode::rate_limited);
    EXPECT_EQ(refused.error().extra.at("retry_after_seconds").as_int64(), 1);
    EXPECT_EQ(must(send(ann, asked.id, "1", "1")).id, first.id) << "an answer that got lost is given again";
    say(mia, asked.id, "Others are not slowed down.");
    clock.advance(std::chrono::seconds{1});
    EXPECT_TRUE(send(ann, asked.id, "4", "4"));
    EXPECT_EQ(error_code(send(ann, asked.id, "5")), ErrorCode::rate_limited);
}

}  // namespace
}  // namespace chat
