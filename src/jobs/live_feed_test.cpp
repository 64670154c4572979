// Every event from the start on is heard once, whoever commits it, and nothing older.
#include "jobs/live_feed.hpp"

#include "store/postgres.hpp"
#include "support/test_database.hpp"

#include <map>
#include <set>
#include <thread>

namespace jobs {
namespace {

using support::must;

class Live : public support::OnBothEngines {
protected:
    void append(const std::string& subject) {
        must(write([&](store::Tx& tx) { tx.append_event("thing.happened", subject); }));
    }

    LiveFeed::Hear noting() {
        return [this](std::span<const store::Event> events) {
            std::lock_guard lock(mutex);
            for (const auto& event : events)
                heard.push_back(event.subject);
        };
    }
    std::vector<std::string> heard_by_now() {
        std::lock_guard lock(mutex);
        return heard;
    }
    // Not longer than 10 s.
    template <class F>
    bool eventually(F condition) {
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return true;
    }
    bool eventually_heard(std::size_t count) {
        return eventually([&] { return heard_by_now().size() >= count; });
    }
    // What another database of the same server is doing can hold an event back for a moment.
    bool eventually_logged(std::size_t count) {
        return eventually([&] {
            return must(read([&](store::Tx& tx) { return db().events_after(tx, {}, 10).size(); })) >= count;
        });
    }

    std::mutex mutex;
    std::vector<std::string> heard;
};
KONTOR_ON_BOTH_ENGINES(Live);

TEST_P(Live, NewsBeginAtTheEndOfTheLog) {
    append("old");
    ASSERT_TRUE(eventually_logged(1));
    LiveFeed feed(db());
    feed.add(noting());
    feed.start();
    append("new");
    ASSERT_TRUE(eventually_heard(1));
    feed.stop();
    EXPECT_EQ(heard_by_now(), std::vector<std::string>{"new"});
}

TEST_P(Live, NewsOfManyWritersAreHeardOnceEach) {
    LiveFeed feed(db());
    feed.add(noting());
    feed.start();
    constexpr int writers = 4;
    constexpr int each = 50;
    {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < writers; ++writer) {
            threads.emplace_back([&, writer] {
                for (int i = 0; i < each; ++i)
                    append(std::to_string(writer * each + i));
            });
        }
    }
    ASSERT_TRUE(eventually_heard(writers * each));
    feed.stop();
    auto all = heard_by_now();
    EXPECT_EQ(all.size(), static_cast<std::size_t>(writers * each));
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
}

TEST_P(Live, NewsOfAnotherProgramAreHeard) {
    LiveFeed feed(db());
    feed.add(noting());
    feed.start();
    store::Options other_options;
    other_options.url = test_database().url();
    other_options.postgres_connections = 1;
    auto other = store::Database::open(other_options, clock);
    must(store::write_now(*other, [](store::Tx& tx) { tx.append_event("thing.happened", "elsewhere"); }));
    EXPECT_TRUE(eventually_heard(1));
    feed.stop();
}

TEST_P(Live, NewsOfOneCommitComeWholeAndInOrder) {
    LiveFeed feed(db());
    feed.add(noting());
    feed.start();
    constexpr int count = 2500;  // more than the feed reads at once
    must(write([&](store::Tx& tx) {
        for (int i = 0; i < count; ++i)
            tx.append_event("thing.happened", std::to_string(i));
    }));
    ASSERT_TRUE(eventually_heard(count));
    feed.stop();
    auto all = heard_by_now();
    ASSERT_EQ(all.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        ASSERT_EQ(all[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_P(Live, WhoeverTakesLongHoldsNobodysNewsBack) {
    if (db().engine() != "postgres") GTEST_SKIP() << "SQLite has one writer";
    LiveFeed feed(db());
    feed.add(noting());
    feed.start();
    store::PostgresConnection slow(test_database().url());
    slow.run_script(
        "begin; insert into events (type, subject, payload, created_at) "
        "values ('thing.happened', 'slow', '{}', 0)");
    append("quick");
    append("second");
    ASSERT_TRUE(eventually_heard(2));
    EXPECT_EQ(heard_by_now(), (std::vector<std::string>{"quick", "second"}));
    slow.run_script("commit");
    ASSERT_TRUE(eventually_heard(3));
    append("third");
    ASSERT_TRUE(eventually_heard(4));
    feed.stop();
    EXPECT_EQ(heard_by_now(), (std::vector<std::string>{"quick", "second", "slow", "third"}));
}

// What is counted on by whoever says how far the log was heard.
TEST_P(Live, WhoWatchesIsToldBeforeAndBehindEverybody) {
    std::vector<std::string> steps;  // the feed's thread writes them
    LiveFeed feed(db());
    feed.watch({.begin = [&] { steps.emplace_back("begin"); },
                .look =
                    [&](std::span<const store::Event> events, const store::Database::Moment&) {
                        steps.emplace_back(events.empty() ? "look at nothing" : "look");
                    },
                .end = [&](const store::Database::Moment&) { steps.emplace_back("end"); }});
    feed.add([&](std::span<const store::Event>) { steps.emplace_back("hear"); });
    feed.add(noting());
    feed.start();
    constexpr std::size_t count = 2500;  // more than the feed reads at once
    must(write([&](store::Tx& tx) {
        for (std::size_t i = 0; i < count; ++i)
            tx.append_event("thing.happened", std::to_string(i));
    }));
    ASSERT_TRUE(eventually_heard(count));
    feed.stop();
    const std::map<std::string, std::set<std::string>> allowed{{"begin", {"look", "look at nothing"}},
                                                               {"look", {"hear"}},
                                                               {"look at nothing", {"end"}},
                                                               {"hear", {"look", "look at nothing", "end"}},
                                                               {"end", {"begin"}}};
    ASSERT_EQ(steps.front(), "begin");
    ASSERT_EQ(steps.back(), "end");
    for (std::size_t i = 1; i < steps.size(); ++i)
        EXPECT_TRUE(allowed.at(steps[i - 1]).contains(steps[i])) << steps[i - 1] << ", then " << steps[i];
    EXPECT_GE(std::ranges::count(steps, "hear"), 3);
}

TEST_P(Live, NewsThatOneHearerFailsAtReachTheOthers) {
    LiveFeed feed(db());
    feed.add([](std::span<const store::Event>) { throw std::runtime_error("no ears"); });
    feed.add(noting());
    feed.start();
    append("loud");
    EXPECT_TRUE(eventually_heard(1));
    append("louder");
    EXPECT_TRUE(eventually_heard(2)) << "and is not asked for ever";
}

// As if the database had gone between the log and what the news are about.
TEST_P(Live, NewsThatCouldNotBeToldAreToldAgainToThoseWhoMissedThem) {
    LiveFeed feed(db());
    std::atomic<int> tries{0};
    feed.add([&](std::span<const store::Event>) {
        if (++tries == 1) throw std::runtime_error("away");
    });
    feed.add(noting());
    feed.start();
    append("once");
    EXPECT_TRUE(eventually([&] { return tries == 2; }));
    append("then");
    EXPECT_TRUE(eventually([&] { return tries == 3; }));
    feed.stop();
    EXPECT_EQ(heard_by_now(), (std::vector<std::string>{"once", "then"}));
}

}  // namespace
}  // namespace jobs
