// What the team finds by words, on both engines.
#include "chat/search.hpp"

#include "chat/chat_fixture.hpp"

namespace chat {
namespace {

using support::must;

class ChatSearch : public ChatShop {
protected:
    void SetUp() override {
        ChatShop::SetUp();
        runner.emplace(db());
        runner->add(index_messages());
    }
    std::vector<std::string> find(const std::string& q, std::int64_t limit = 20) {
        runner->run_all_now();
        MessageSearch search{core::Text<1, 200>::trusted(q), core::PageLimit(limit), {}};
        std::vector<std::string> texts;
        for (;;) {
            auto page = must(read([&](store::Tx& tx) { return search_messages(tx, mia, search); }));
            for (const auto& message : page.data)
                texts.push_back(message.text);
            if (!page.has_more) return texts;
            search.cursor = core::Cursor::from_text(page.next_cursor.value()).value();
        }
    }

    std::optional<jobs::Runner> runner;
};
KONTOR_ON_BOTH_ENGINES(ChatSearch);

TEST_P(ChatSearch, FindsMessagesThatHaveAllTheWords) {
    auto asked = ask_support(ann);
    say(ann, asked.id, "The blue mug is broken.");
    say(mia, asked.id, "Is the RED mug fine?");
    using Texts = std::vector<std::string>;
    EXPECT_EQ(find("broken mug"), Texts{"The blue mug is broken."});
    EXPECT_EQ(find("mug red"), Texts{"Is the RED mug fine?"});
    EXPECT_EQ(find("mug").size(), 2U);
    EXPECT_EQ(find("mug", 1).size(), 2U) << "in pages";
    EXPECT_EQ(find("green mug"), Texts{});
}

TEST_P(ChatSearch, FollowsChanges) {
    auto message = say(ann, ask_support(ann).id, "My mgu broke");
    EXPECT_EQ(find("mgu").size(), 1U);
    must(edit(ann, message, "My mug broke"));
    EXPECT_EQ(find("mgu").size(), 0U);
    EXPECT_EQ(find("mug").size(), 1U);
    must(take_back(ann, message));
    EXPECT_EQ(find("mug").size(), 0U);
}

TEST_P(ChatSearch, LeavesPrivateConversationsAlone) {
    say(ann, talk_to(ann, eve).id, "secret");
    EXPECT_EQ(find("secret").size(), 0U);
}

TEST(WordsOf, AreSmallAndOnceEach) {
    using Words = std::vector<std::string>;
    EXPECT_EQ(words_of("Hello, hello WORLD-4711!"), (Words{"hello", "world", "4711"}));
    EXPECT_EQ(words_of("ÄPFEL Ždár ПРИВЕТ Ωmega"), (Words{"äpfel", "ždár", "привет", "ωmega"}));
    EXPECT_EQ(words_of("マグ"), (Words{"マ", "グ"}));
    EXPECT_EQ(words_of("  \n … — !"), Words{});
    EXPECT_EQ(words_of(std::string(500, 'x')).front().size(), 60U);
}

}  // namespace
}  // namespace chat
