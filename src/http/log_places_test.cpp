// An answer of another node is used only if it shows every change that is known here: those of the log, and
// those of this node that the log hasn't told yet.
#include "http/log_places.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

namespace http {
namespace {

class Places : public ::testing::Test {
protected:
    // A look at the log that shows changes of these subjects, at a moment when no transaction runs.
    void look(std::initializer_list<std::string_view> subjects, Place moment) {
        places->begin_look();
        auto logged = places->logged(moment);
        for (std::string_view subject : subjects)
            logged.announce(subject);
        places->end_look(moment);
    }
    std::unique_ptr<LogPlaces> places = std::make_unique<LogPlaces>();
};

TEST_F(Places, TrustNobodyBeforeTheLogIsKnown) {
    look({}, 100);
    EXPECT_FALSE(places->shows_all(100, "prd_a"));
    places->begin_at(90);
    EXPECT_TRUE(places->shows_all(100, "prd_a"));
}

TEST_F(Places, TrustNoAnswerOlderThanWhatIsKnownOfTheLog) {
    places->begin_at(90);
    EXPECT_TRUE(places->shows_all(90, "prd_a"));
    EXPECT_FALSE(places->shows_all(89, "prd_a"));
}

TEST_F(Places, TrustAnswersThatHadHeardOfTheLastChange) {
    places->begin_at(0);
    look({"prd_a"}, 100);
    EXPECT_FALSE(places->shows_all(99, "prd_a"));
    EXPECT_TRUE(places->shows_all(100, "prd_a"));
    EXPECT_TRUE(places->shows_all(99, "prd_b"));
    look({"prd_b"}, 110);
    EXPECT_TRUE(places->shows_all(100, "prd_a")) << "another one's change";
}

TEST_F(Places, ChangesOfBeforeTheStartCountInAnyOrder) {
    for (Place place : {80, 95, 85})
        places->logged(place).announce("prd_a");
    places->begin_at(80);
    EXPECT_FALSE(places->shows_all(94, "prd_a"));
    EXPECT_TRUE(places->shows_all(95, "prd_a"));
}

TEST_F(Places, AChangeThatAnyMayShowCountsForAll) {
    places->begin_at(0);
    places->logged(100).announce_all();
    EXPECT_FALSE(places->shows_all(99, "prd_a"));
    EXPECT_TRUE(places->shows_all(100, "prd_a"));
}

TEST_F(Places, AnOwnChangeRefusesAllUntilItsPlaceIsKnown) {
    places->begin_at(0);
    look({}, 100);
    places->own().announce("prd_a");
    EXPECT_FALSE(places->shows_all(1'000'000, "prd_a"));
    EXPECT_TRUE(places->shows_all(100, "prd_b"));
    look({"prd_a"}, 110);
    EXPECT_FALSE(places->shows_all(109, "prd_a"));
    EXPECT_TRUE(places->shows_all(110, "prd_a"));
}

TEST_F(Places, ALookTellsNothingOfOwnChangesBehindItsBeginning) {
    places->begin_at(0);
    places->begin_look();
    places->own().announce("prd_a");
    places->end_look(100);
    EXPECT_FALSE(places->shows_all(1'000'000, "prd_a"));
}

TEST_F(Places, TrustNobodyOnceTheyMeanSomethingElse) {
    places->begin_at(0);
    look({}, 100);
    places->end();
    EXPECT_FALSE(places->shows_all(1'000'000, "prd_a"));
    look({}, 200);
    places->begin_at(0);
    EXPECT_FALSE(places->shows_all(1'000'000, "prd_a"));
}

// A database, two writers on this node, its live feed, and another node that reads and leaves what it has
// read.
TEST_F(Places, NoAnswerIsOlderThanAnAcknowledgedChange) {
    struct Entry {
        Place stamp = 0;
        int value = 0;
    };
    std::mutex database;
    int value = 0;  // the price, which each transaction raises by one; as many have run
    Entry left;
    std::atomic<int> acknowledged{0};
    std::atomic<bool> done{false};
    places->begin_at(0);

    std::jthread feed([&] {
        for (Place seen = 0; !done;) {
            places->begin_look();
            Place now = 0;
            {
                std::lock_guard lock(database);
                now = value;
            }
            if (now > seen) places->logged(now).announce("prd_a");
            seen = now;
            places->end_look(now);
        }
    });
    std::jthread other_node([&] {
        while (!done) {
            const Place stamp = places->heard();
            std::lock_guard lock(database);
            left = {stamp, value};
        }
    });
    std::vector<std::jthread> writers;
    for (int i = 0; i < 2; ++i)
        writers.emplace_back([&] {
            while (!done) {
                int written = 0;
                {
                    std::lock_guard lock(database);
                    written = ++value;
                }
                places->own().announce("prd_a");
                int before = acknowledged;
                while (before < written && !acknowledged.compare_exchange_weak(before, written)) {
                }
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            }
        });
    int used = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    while (std::chrono::steady_clock::now() < until) {
        const int must_show = acknowledged;
        Entry entry;
        {
            std::lock_guard lock(database);
            entry = left;
        }
        if (!places->shows_all(entry.stamp, "prd_a")) continue;
        ++used;
        EXPECT_GE(entry.value, must_show);
        if (HasFailure()) break;
    }
    done = true;
    EXPECT_GT(used, 0);
}

}  // namespace
}  // namespace http
