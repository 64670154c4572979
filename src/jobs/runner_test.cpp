// Followers apply each event's effect exactly once, whoever runs them and whatever fails in between.
#include "jobs/runner.hpp"

#include "jobs/following.hpp"

#include "support/test_database.hpp"

#include <semaphore>

namespace jobs {
namespace {

using store::Event;
using store::Tx;
using support::must;

class Jobs : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        must(write([](Tx& tx) {
            // No key: an event applied twice would be two rows.
            tx.run("create table applied (follower text not null, subject text not null)");
        }));
    }

    Follower noting(const std::string& name, std::vector<std::string> types = {}) {
        return {name, std::move(types), [name](Tx& tx, const Event& event) {
                    tx.run("insert into applied (follower, subject) values ($1, $2)", name, event.subject);
                }};
    }

    void append(std::string type, int first, int last) {
        must(write([&](Tx& tx) {
            for (int i = first; i <= last; ++i)
                tx.append_event(type, std::to_string(i));
        }));
    }

    int applied(std::string_view follower) {
        return must(read([&](Tx& tx) {
            return tx.get<int>("select count(*) from applied where follower = $1", follower);
        }));
    }
    int applied_subjects(std::string_view follower) {
        return must(read([&](Tx& tx) {
            return tx.get<int>("select count(distinct subject) from applied where follower = $1", follower);
        }));
    }

    // Waits for what a runner's thread will do, not longer than 10 s.
    template <class F>
    bool eventually(F condition) {
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return true;
    }
};
KONTOR_ON_BOTH_ENGINES(Jobs);

TEST_P(Jobs, AFollowerStartsAtTheBeginningAndTakesWhatItWants) {
    append("order.placed", 1, 250);
    append("product.updated", 251, 300);
    Runner runner(db());
    runner.add(noting("orders", {"order.placed"}));
    runner.add(noting("everything"));
    runner.run_all_now();
    EXPECT_EQ(applied("orders"), 250);
    EXPECT_EQ(applied("everything"), 300);
    runner.run_all_now();
    EXPECT_EQ(applied("everything"), 300);
}

TEST_P(Jobs, EventsOfNoInterestAreSkippedOverARestart) {
    append("product.updated", 1, 2500);
    append("order.placed", 2501, 2501);
    for (int i = 0; i < 2; ++i) {
        Runner runner(db());
        runner.add(noting("orders", {"order.placed"}));
        runner.run_all_now();
        EXPECT_EQ(applied("orders"), 1);
    }
}

TEST_P(Jobs, AFollowerMayAppendEventsForAnother) {
    append("order.placed", 1, 3);
    Runner runner(db());
    runner.add(noting("late", {"mail.wanted"}));
    runner.add({"early", {"order.placed"}, [](Tx& tx, const Event& event) {
                    tx.append_event("mail.wanted", event.subject);
                }});
    runner.run_all_now();
    EXPECT_EQ(applied("late"), 3);
}

TEST_P(Jobs, AFailingEventHoldsUpItsFollowerOnlyAndIsTriedAgain) {
    append("order.placed", 1, 20);
    Runner runner(db());
    bool broken = true;
    auto apply = noting("some").apply;
    runner.add({"some", {}, [&](Tx& tx, const Event& event) {
                    apply(tx, event);
                    if (broken && event.subject == "13") throw std::runtime_error("not this one");
                }});
    runner.add(noting("other"));
    for (int i = 0; i < 20; ++i) {
        try {
            runner.run_all_now();
        } catch (const std::runtime_error&) {
        }
    }
    EXPECT_EQ(applied("some"), 12);
    broken = false;
    runner.run_all_now();
    EXPECT_EQ(applied("some"), 20);
    EXPECT_EQ(applied_subjects("some"), 20);
    EXPECT_EQ(applied("other"), 20);
}

TEST_P(Jobs, SeveralRunnersShareTheWorkAndRepeatNothing) {
    auto second = store::Database::open({.url = test_database().url()}, clock);
    std::vector<std::unique_ptr<Runner>> runners;
    for (auto* database : {&db(), &db(), second.get(), second.get()}) {
        auto& runner = *runners.emplace_back(std::make_unique<Runner>(*database));
        runner.add(noting("shared"));
        runner.start();
    }
    for (int i = 0; i < 300; i += 3)
        append("order.placed", i, i + 2);
    EXPECT_TRUE(eventually([&] { return applied("shared") >= 300; }));
    for (auto& runner : runners)
        runner->stop();
    EXPECT_EQ(applied("shared"), 300);
    EXPECT_EQ(applied_subjects("shared"), 300);
}

TEST_P(Jobs, WhoeverIsOvertakenDoesNotWait) {
    if (!on_postgres()) GTEST_SKIP() << "SQLite has one writer";
    append("order.placed", 1, 3);
    std::binary_semaphore at_work{0};
    std::binary_semaphore may_end{0};
    auto slow = noting("shared");
    slow.apply = [&, apply = slow.apply](Tx& tx, const Event& event) {
        apply(tx, event);
        if (event.subject != "1") return;
        at_work.release();
        EXPECT_TRUE(may_end.try_acquire_for(std::chrono::seconds(10))) << "the other waits for this one";
    };
    std::thread first([&] { EXPECT_EQ(Following(db(), slow).step(), Following::Outcome::moved); });
    at_work.acquire();
    Following second(db(), noting("shared"));
    EXPECT_EQ(second.step(), Following::Outcome::overtaken);
    EXPECT_EQ(applied("shared"), 0);
    may_end.release();
    first.join();
    EXPECT_EQ(second.step(), Following::Outcome::idle);
    EXPECT_EQ(applied("shared"), 3);
}

TEST_P(Jobs, EventsThatCommitInAnyOrderAreAppliedOnceEach) {
    auto second = store::Database::open({.url = test_database().url()}, clock);
    Runner one(db());
    Runner two(*second);
    for (auto* runner : {&one, &two}) {
        runner->add(noting("shared"));
        runner->add(noting("some", {"order.placed"}));
        runner->start();
    }
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 6; ++writer) {
        writers.emplace_back([&, writer] {
            auto& database = writer % 2 ? db() : *second;
            for (int i = 0; i < 30; ++i) {
                must(store::write_now(database, [&](Tx& tx) {
                    tx.append_event(i % 3 ? "order.placed" : "order.read", std::to_string(writer * 100 + i));
                    tx.get<int>("select 1");
                    std::this_thread::sleep_for(std::chrono::microseconds((writer * 7 + i * 13) % 5 * 400));
                }));
            }
        });
    }
    for (auto& writer : writers)
        writer.join();
    EXPECT_TRUE(eventually([&] { return applied("shared") >= 180 && applied("some") >= 120; }));
    one.stop();
    two.stop();
    EXPECT_EQ(applied("shared"), 180);
    EXPECT_EQ(applied_subjects("shared"), 180);
    EXPECT_EQ(applied("some"), 120);
    EXPECT_EQ(applied_subjects("some"), 120);
}

TEST_P(Jobs, ACommitWakesTheThread) {
    Runner runner(db());
    runner.add(noting("quick"));
    runner.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    // The poll comes once a second; on a busy machine one try may fall together with it.
    auto quickest = std::chrono::steady_clock::duration::max();
    for (int i = 1; i <= 5; ++i) {
        auto start = std::chrono::steady_clock::now();
        append("order.placed", i, i);
        ASSERT_TRUE(eventually([&] { return applied("quick") == i; }));
        quickest = std::min(quickest, std::chrono::steady_clock::now() - start);
    }
    EXPECT_LT(quickest, std::chrono::milliseconds(300));
    runner.stop();
    append("order.placed", 6, 6);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(applied("quick"), 5);
}

TEST_P(Jobs, SchedulesRunByTheClockAndAtOnceWhileThereIsMore) {
    Runner runner(db());
    std::atomic<int> often{0};
    std::atomic<int> greedy{0};
    runner.add(Schedule{"often", std::chrono::milliseconds(5), [&](Tx&) {
                            ++often;
                            return false;
                        }});
    runner.add(Schedule{"greedy", std::chrono::hours(1), [&](Tx&) { return ++greedy < 10; }});
    runner.add(
        Schedule{"broken", std::chrono::hours(1), [&](Tx&) -> bool { throw std::runtime_error("broken"); }});
    runner.start();
    EXPECT_TRUE(eventually([&] { return often > 3 && greedy >= 10; }));
    runner.stop();
    EXPECT_EQ(greedy, 10);
    auto after_stop = often.load();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(often, after_stop);
}

}  // namespace
}  // namespace jobs
