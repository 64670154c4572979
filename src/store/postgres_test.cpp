// What is PostgreSQL's own: conflicts that are tried again, lost connections, pipelines, events that commit
// late.
#include "support/test_database.hpp"

#include <latch>
#include <thread>

namespace store {
namespace {

using support::must;

class Postgres : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        must(write([](Tx& tx) {
            tx.run("create table tallies (id bigint primary key, amount bigint not null)");
            for (int i = 1; i <= 2; ++i)
                tx.run("insert into tallies values ($1, 0)", i);
        }));
    }
    std::int64_t amount(int id) {
        return must(read(
            [&](Tx& tx) { return tx.get<std::int64_t>("select amount from tallies where id = $1", id); }));
    }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Postgres);
INSTANTIATE_TEST_SUITE_P(, Postgres, testing::ValuesIn([] {
                             auto engines = support::engines();
                             std::erase(engines, "sqlite");
                             return engines;
                         }()),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Postgres, ASerializationFailureIsTriedAgain) {
    std::latch both_read(2);
    auto add_one = [&] {
        int tries = 0;
        return write([&, tries](Tx& tx) mutable {
            tx.run("set transaction isolation level repeatable read");
            auto seen = tx.get<int>("select amount from tallies where id = 1");
            if (tries++ == 0) both_read.arrive_and_wait();
            tx.run("update tallies set amount = $1 where id = 1", seen + 1);
        });
    };
    std::thread other([&] { must(add_one()); });
    must(add_one());
    other.join();
    EXPECT_EQ(amount(1), 2);
    EXPECT_EQ(db().counts().retries, 1u);
}

TEST_P(Postgres, ADeadlockIsTriedAgain) {
    std::latch both_hold(2);
    auto add_to = [&](int first, int second) {
        int tries = 0;
        return write([&, tries](Tx& tx) mutable {
            tx.count_changed("update tallies set amount = amount + 1 where id = $1", first);
            if (tries++ == 0) both_hold.arrive_and_wait();
            tx.count_changed("update tallies set amount = amount + 1 where id = $1", second);
        });
    };
    std::thread other([&] { must(add_to(2, 1)); });
    must(add_to(1, 2));
    other.join();
    EXPECT_EQ(amount(1), 2);
    EXPECT_EQ(amount(2), 2);
    EXPECT_GE(db().counts().retries, 1u);
}

TEST_P(Postgres, AConflictTheWorkSwallowsIsStillTriedAgain) {
    std::latch both_read(2);
    auto add_one = [&] {
        int tries = 0;
        return write([&, tries](Tx& tx) mutable -> core::Result<void> {
            tx.run("set transaction isolation level repeatable read");
            auto seen = tx.get<int>("select amount from tallies where id = 1");
            if (tries++ == 0) both_read.arrive_and_wait();
            try {
                tx.count_changed("update tallies set amount = $1 where id = 1", seen + 1);
            } catch (const std::exception&) {
                return core::fail(core::ErrorCode::conflict);
            }
            return {};
        });
    };
    std::thread other([&] { must(add_one()); });
    must(add_one());
    other.join();
    EXPECT_EQ(amount(1), 2);
}

TEST_P(Postgres, EndlessConflictsEndAsOverloaded) {
    auto result = write([&](Tx& tx) {
        tx.run("do $$ begin raise exception using errcode = '40001'; end $$");
        return tx.get<int>("select 1");
    });
    EXPECT_EQ(support::error_code(result), core::ErrorCode::overloaded);
    EXPECT_EQ(db().counts().retries, 10u);
}

TEST_P(Postgres, ALostConnectionIsReplacedAndTheWorkRunAgain) {
    int tries = 0;
    must(write([&](Tx& tx) {
        tx.count_changed("update tallies set amount = amount + 1 where id = 1");
        if (++tries == 1) tx.run("select pg_terminate_backend(pg_backend_pid())");
        tx.run("update tallies set amount = amount + 1 where id = 2");
        tx.get<int>("select 1");
    }));
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(amount(1), 1);
    EXPECT_EQ(amount(2), 1);
}

TEST_P(Postgres, ConnectionsCutWhileIdleAreNoticedBeforeAnythingIsSent) {
    for (int round = 1; round <= 3; ++round) {
        // One by one all pooled connections but the killer's own are cut.
        must(read([](Tx& tx) {
            constexpr int patience_ms = 10'000;
            return tx.get<int>(
                "select count(pg_terminate_backend(pid, $1)) from (select pid from pg_stat_activity where "
                "datname = current_database() and pid <> pg_backend_pid() offset 0) others",
                patience_ms);
        }));
        std::vector<std::thread> writers;
        for (int i = 0; i < 6; ++i) {
            writers.emplace_back([&] {
                must(write([](Tx& tx) { tx.run("update tallies set amount = amount + 1 where id = 1"); }));
            });
        }
        for (auto& writer : writers)
            writer.join();
        EXPECT_EQ(amount(1), round * 6);
    }
}

TEST_P(Postgres, WhatGoesWrongLaterIsToldAtTheEnd) {
    auto twice = [](Tx& tx) {
        tx.run("insert into tallies values (3, 0)");
        tx.run("insert into tallies values (1, 0)");
        tx.run("insert into tallies values (4, 0)");
    };
    EXPECT_THROW((void)write(twice), ConstraintViolation);
    auto twice_and_look = [&](Tx& tx) {
        twice(tx);
        return tx.get<int>("select 1");
    };
    EXPECT_THROW((void)write(twice_and_look), ConstraintViolation);
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>("select count(*) from tallies"); })), 2);
}

// Otherwise a node that stands still in mid-transaction would keep its rows for as long as it likes (RE-11).
TEST_P(Postgres, TheServerKnowsThatATransactionWaitsForItsProgram) {
    for (const int updates : {1, 1000}) {  // one whose outcome is looked at, and more than a pipeline holds
        std::latch stands_still(1);
        std::latch go_on(1);
        std::atomic<int> pid = 0;
        std::thread slow([&] {
            must(write([&](Tx& tx) {
                pid = tx.get<int>("select pg_backend_pid()");
                for (int i = 0; i < updates; ++i)
                    tx.run("update tallies set amount = amount + 1 where id = 1");
                if (updates == 1) tx.count_changed("update tallies set amount = amount + 1 where id = 2");
                stands_still.count_down();
                go_on.wait();
            }));
        });
        stands_still.wait();
        auto state = [&] {
            return must(read([&](Tx& tx) {
                return tx.get<std::string>("select state from pg_stat_activity where pid = $1", pid.load());
            }));
        };
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (state() == "active" && std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
        EXPECT_EQ(state(), "idle in transaction");
        go_on.count_down();
        slow.join();
    }
}

TEST_P(Postgres, LongPipelinesArriveWhole) {
    must(write([](Tx& tx) {
        std::string text(2000, 'x');
        tx.run("create table notes (id bigint primary key, note text not null)");
        for (int i = 0; i < 3000; ++i)
            tx.run("insert into notes (id, note) values ($1, $2)", i, text);
    }));
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>("select count(*) from notes"); })), 3000);
}

// Has appended its event, and commits when it is told to, at the latest at its end.
class SlowWrite {
public:
    explicit SlowWrite(Database& database)
        : thread_([this, &database] {
              must(write_now(database, [this](Tx& tx) {
                  tx.append_event("thing.made", "slow");
                  tx.get<int>("select 1");
                  appended_.count_down();
                  go_on_.wait();
              }));
          }) {
        appended_.wait();
    }
    ~SlowWrite() { finish(); }
    void finish() {
        if (!thread_.joinable()) return;
        go_on_.count_down();
        thread_.join();
    }

private:
    std::latch appended_{1};
    std::latch go_on_{1};
    std::thread thread_;  // last: it uses both
};

TEST_P(Postgres, AnEventThatCommitsLateIsNeverPassedOver) {
    SlowWrite slow(db());
    must(write([](Tx& tx) { tx.append_event("thing.made", "quick"); }));
    auto subjects = [&] {
        return must(read([&](Tx& tx) {
            std::vector<std::string> subjects;
            for (auto& logged : db().events_after(tx, {}, 10))
                subjects.push_back(logged.event.subject);
            return subjects;
        }));
    };
    auto held_back = [&] {
        return must(read([&](Tx& tx) { return db().lowest_id_after(tx, {}).has_value(); }));
    };
    EXPECT_TRUE(subjects().empty());
    EXPECT_TRUE(held_back());
    slow.finish();
    // Other databases of the same server may still hold the horizon back for a moment.
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (subjects().empty() && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    EXPECT_EQ(subjects(), (std::vector<std::string>{"slow", "quick"}));
}

// PostgreSQL keeps the plan of the first looks, which were at a log that was short.
TEST_P(Postgres, NewsAreFoundWithoutReadingALongLog) {
    auto lengthen = [&](int from, int to) {
        must(write([&](Tx& tx) {
            tx.run(
                "insert into events (type, subject, payload, created_at, transaction_id) "
                "select 'thing.made', 'old', '{}', 1, -n from generate_series($1::int, $2::int) as n",
                from, to);
        }));
    };
    lengthen(1, 3000);
    must(write([](Tx& tx) { tx.run("analyze events"); }));
    SlowWrite slow(db());
    const auto moment = must(read([&](Tx& tx) { return db().this_moment(tx); }));
    auto events_read = [&] {
        return must(read([&](Tx& tx) {
            db().news_since(tx, moment, 10);
            return tx.get<int>(
                "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables "
                "where relname = 'events'");
        }));
    };
    constexpr int looks_until_a_plan_is_kept = 6;
    for (int i = 0; i < looks_until_a_plan_is_kept; ++i)
        events_read();
    lengthen(3001, 20000);
    EXPECT_LT(events_read(), 100);
    slow.finish();
}

// Two programs on one database: this one, and `other`.
class Nodes : public Postgres {
protected:
    void SetUp() override {
        Postgres::SetUp();
        Options options;
        options.url = test_database().url();
        options.postgres_connections = 1;
        other = Database::open(options, clock);
        other->on_news([rung = other_rung] { ++*rung; });
        other->on_whisper([this](std::string_view word) {
            std::lock_guard lock(mutex);
            whispered.emplace_back(word);
        });
        db().on_news([rung = own_rung] { ++*rung; });
        ASSERT_TRUE(eventually([&] { return db().hears_others() && other->hears_others(); }));
    }
    void TearDown() override {
        other.reset();
        Postgres::TearDown();
    }

    static bool eventually(const std::function<bool()>& is_so) {
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!is_so()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    void append() {
        must(write([](Tx& tx) { tx.append_event("thing.made", "one"); }));
    }
    std::size_t words() {
        std::lock_guard lock(mutex);
        return whispered.size();
    }

    using Count = std::shared_ptr<std::atomic<int>>;  // outlives the threads that ring
    Count own_rung = std::make_shared<std::atomic<int>>(0);
    Count other_rung = std::make_shared<std::atomic<int>>(0);
    std::mutex mutex;
    std::vector<std::string> whispered;
    std::unique_ptr<Database> other;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Nodes);
INSTANTIATE_TEST_SUITE_P(, Nodes, testing::ValuesIn([] {
                             auto engines = support::engines();
                             std::erase(engines, "sqlite");
                             return engines;
                         }()),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Nodes, ACommitRingsAtTheOthersAndNotAtHome) {
    const int own = *own_rung;
    const int before = *other_rung;
    append();
    EXPECT_TRUE(eventually([&] { return *other_rung > before; }));
    EXPECT_EQ(*own_rung, own);
}

TEST_P(Nodes, ManyCommitsRingAtLeastOnceBehindTheLast) {
    constexpr int commits = 200;
    for (int i = 0; i < commits; ++i)
        append();
    auto seen = [&] {
        return store::read_now(*other, [](Tx& tx) { return tx.get<int>("select count(*) from events"); });
    };
    // Whoever looks only when it rings sees the last one too.
    int looked_at = 0;
    int count = 0;
    EXPECT_TRUE(eventually([&] {
        const int rung = *other_rung;
        if (rung != looked_at) count = must(seen());
        looked_at = rung;
        return count == commits;
    }));
}

TEST_P(Nodes, AWordIsHeardByTheOthersOnce) {
    db().whisper("psst");
    db().whisper(R"({"odd": "\"quotes\", \\ and {braces}"})");
    ASSERT_TRUE(eventually([&] { return words() == 2; }));
    EXPECT_EQ(whispered, (std::vector<std::string>{"psst", R"({"odd": "\"quotes\", \\ and {braces}"})"}));
    EXPECT_THROW(db().whisper(std::string(Database::whisper_bytes_max + 1, 'a')), std::logic_error);
}

TEST_P(Nodes, ALostConnectionIsMadeAnewAndRingsForWhatWasMissed) {
    const int before = *other_rung;
    must(read([](Tx& tx) {
        return tx.list<std::string>(
            "select pg_terminate_backend(pid)::text from pg_stat_activity "
            "where datname = current_database() and query like '%listen kontor%' and pid <> "
            "pg_backend_pid()");
    }));
    EXPECT_TRUE(eventually([&] { return *other_rung > before; })) << "it looks after what it missed";
    const int again = *other_rung;
    ASSERT_TRUE(eventually([&] { return db().hears_others() && other->hears_others(); }));
    append();
    EXPECT_TRUE(eventually([&] { return *other_rung > again; }));
}

}  // namespace
}  // namespace store
