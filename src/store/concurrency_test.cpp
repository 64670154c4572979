// Many at once: group commit, neighbours of a failing write, a full queue, threads that come and go.
#include "support/test_database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <latch>
#include <thread>

namespace store {
namespace {

namespace asio = boost::asio;
using support::error_code;
using support::must;

class StoreConcurrency : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        must(write([](Tx& tx) {
            tx.run(
                "create table tallies (id bigint primary key, amount bigint not null, "
                "constraint out_of_stock check (amount >= 0))");
        }));
    }

    std::int64_t total(std::string_view of = "count") {
        return must(read([&](Tx& tx) {
            return tx.get<std::int64_t>(
                "select case when $1 = 'count' then count(*) else coalesce(sum(amount), 0) end "
                "from tallies",
                of);
        }));
    }

    // Starts `count` coroutines, each on one of two event loops, and runs them to their end.
    template <class Coroutine>
    void run_together(int count, Coroutine coroutine) {
        asio::io_context loops[2];
        for (int i = 0; i < count; ++i) {
            asio::co_spawn(loops[i % 2], coroutine(i), [](const std::exception_ptr& failed) {
                if (failed) std::rethrow_exception(failed);
            });
        }
        std::thread other([&] { loops[1].run(); });
        loops[0].run();
        other.join();
    }
};
KONTOR_ON_BOTH_ENGINES(StoreConcurrency);

constexpr Sql sql_insert("insert into tallies (id, amount) values ($1, $2)");

TEST_P(StoreConcurrency, ManyCoroutinesWriteAndEachGoesOnWhereItWas) {
    std::atomic<int> strayed{0};
    auto before = db().counts();
    run_together(64, [&](int number) -> asio::awaitable<void> {
        auto home = std::this_thread::get_id();
        for (int i = 0; i < 20; ++i) {
            std::int64_t id = number * 100 + i;
            auto work = [&](Tx& tx) {
                tx.run(sql_insert, id, 1);
                return id;
            };
            auto written = co_await store::write(db(), work);
            if (must(std::move(written)) != id || std::this_thread::get_id() != home) ++strayed;
            auto look = [&](Tx& tx) {
                return tx.find<std::int64_t>("select id from tallies where id = $1", id);
            };
            auto seen = co_await store::read(db(), look);
            if (must(std::move(seen)) != id || std::this_thread::get_id() != home) ++strayed;
        }
    });
    EXPECT_EQ(strayed, 0);
    EXPECT_EQ(total(), 64 * 20);
    EXPECT_EQ(db().counts().writes - before.writes, 64u * 20u);
    EXPECT_EQ(db().queue_length(), 0u);
}

TEST_P(StoreConcurrency, ExceptionsReachTheCoroutineThatCausedThem) {
    std::atomic<int> caught{0};
    run_together(40, [&](int number) -> asio::awaitable<void> {
        auto work = [&](Tx& tx) -> core::Result<void> {
            tx.count_changed(sql_insert, number, 1);
            if (number % 4 == 1) throw std::runtime_error("bug " + std::to_string(number));
            if (number % 4 == 2) return core::not_found("thing");
            if (number % 4 == 3) tx.run("update tallies set amount = -1 where id = $1", number);
            return {};
        };
        try {
            auto written = co_await store::write(db(), work);
            if (number % 4 == 2 && error_code(written) == core::ErrorCode::not_found) ++caught;
            if (number % 4 == 3 && error_code(written) == core::ErrorCode::out_of_stock) ++caught;
        } catch (const std::runtime_error& error) {
            if (error.what() == "bug " + std::to_string(number)) ++caught;
        }
    });
    EXPECT_EQ(caught, 30);
    EXPECT_EQ(total(), 10);
}

TEST_P(StoreConcurrency, TheLastUnitsAreSoldOnce) {
    must(write([](Tx& tx) { tx.run(sql_insert, 1, 7); }));
    std::atomic<int> sold{0};
    run_together(60, [&](int) -> asio::awaitable<void> {
        auto buy = [](Tx& tx) -> core::Result<void> {
            auto left = tx.find<int>(
                "update tallies set amount = amount - 1 where id = 1 and amount > 0 returning amount");
            if (!left) return core::fail(core::ErrorCode::out_of_stock);
            tx.append_event("thing.sold", "1");
            return {};
        };
        auto bought = co_await store::write(db(), buy);
        if (bought) ++sold;
    });
    EXPECT_EQ(sold, 7);
    EXPECT_EQ(total("sum"), 0);
}

TEST_P(StoreConcurrency, ThreadsMayOutliveTheDatabase) {
    auto second = Database::open({.url = test_database().url(), .postgres_connections = 2}, clock);
    auto count = [](Tx& tx) { return tx.get<int>("select count(*) from tallies"); };
    std::latch read_first(3);
    std::latch closed(1);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            must(store::read_now(*second, count));
            read_first.count_down();
            closed.wait();
            must(store::read_now(db(), count));
        });
    }
    read_first.wait();
    second.reset();
    closed.count_down();
    for (auto& thread : threads)
        thread.join();
    for (int i = 0; i < 20; ++i)
        std::thread([&] { must(read(count)); }).join();
}

TEST_P(StoreConcurrency, AWorkMustNotWaitForAnother) {
    EXPECT_THROW((void)write([&](Tx&) { must(write([](Tx& tx) { tx.run(sql_insert, 1, 1); })); }),
                 std::logic_error);
    EXPECT_THROW((void)read([&](Tx&) { return must(read([](Tx& tx) { return tx.get<int>("select 1"); })); }),
                 std::logic_error);
}

// The writer is held up by a first write, so that those queued meanwhile share the next commit.
class GroupCommit : public testing::Test {
protected:
    GroupCommit() : database("sqlite", clock) {
        must(write_now(*database, [](Tx& tx) {
            tx.run("create table tallies (id bigint primary key, amount bigint not null)");
        }));
    }

    template <class Work>
    void run_in_one_group(int count, Work work) {
        std::latch holding(1);
        std::latch go_on(1);
        std::vector<std::thread> threads;
        threads.emplace_back([&] {
            must(write_now(*database, [&](Tx&) {
                holding.count_down();
                go_on.wait();
            }));
        });
        holding.wait();
        for (int i = 0; i < count; ++i)
            threads.emplace_back([&, i] { work(i); });
        while (database->queue_length() < static_cast<std::size_t>(count) + 1)
            std::this_thread::yield();
        go_on.count_down();
        for (auto& thread : threads)
            thread.join();
    }

    std::vector<int> ids() {
        return must(
            read_now(*database, [](Tx& tx) { return tx.list<int>("select id from tallies order by id"); }));
    }

    core::Clock clock;
    support::TestDatabase database;
};

TEST_F(GroupCommit, ManyWritesShareOneCommit) {
    auto before = database->counts();
    run_in_one_group(30,
                     [&](int i) { must(write_now(*database, [&](Tx& tx) { tx.run(sql_insert, i, 1); })); });
    auto after = database->counts();
    EXPECT_EQ(after.writes - before.writes, 31u);
    EXPECT_LE(after.commits - before.commits, 2u);
    EXPECT_EQ(ids().size(), 30u);
}

TEST_F(GroupCommit, AFailingWriteTakesNothingOfItsNeighboursWithIt) {
    std::vector<std::string> heard;
    database->on_commit([&](std::span<const Event> events) {
        for (auto& event : events)
            heard.push_back(event.subject);
    });
    // Some fail before, some after their first change, some by a constraint; the first in the group may be
    // any.
    run_in_one_group(40, [&](int i) {
        auto work = [&](Tx& tx) -> core::Result<void> {
            if (i % 5 == 1) return core::not_found("thing");
            tx.run(sql_insert, i, 1);
            tx.append_event("thing.made", std::to_string(i));
            if (i % 5 == 2) return core::not_found("thing");
            if (i % 5 == 3) throw std::runtime_error("a bug");
            if (i % 5 == 4) tx.run(sql_insert, i, 1);
            return {};
        };
        try {
            EXPECT_EQ(write_now(*database, work).has_value(), i % 5 == 0) << i;
        } catch (const std::runtime_error&) {
            EXPECT_GE(i % 5, 3);
        }
    });
    EXPECT_EQ(ids(), (std::vector<int>{0, 5, 10, 15, 20, 25, 30, 35}));
    EXPECT_EQ(heard.size(), 8u);
    auto logged = must(read_now(*database, [&](Tx& tx) { return database->events_after(tx, {}, 100); }));
    EXPECT_EQ(logged.size(), 8u);
}

TEST_F(GroupCommit, AFullQueueAnswersOverloaded) {
    auto tight = Database::open({.url = database.url(), .queue_max = 4}, clock);
    std::latch holding(1);
    std::latch go_on(1);
    std::thread holder([&] {
        must(write_now(*tight, [&](Tx&) {
            holding.count_down();
            go_on.wait();
        }));
    });
    holding.wait();
    std::atomic<int> good{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&, i] {
            auto written = write_now(*tight, [&](Tx& tx) { tx.run(sql_insert, i, 1); });
            if (written) {
                ++good;
            } else if (error_code(written) == core::ErrorCode::overloaded) {
                ++refused;
            }
        });
    }
    while (refused < 6)
        std::this_thread::yield();
    go_on.count_down();
    for (auto& thread : threads)
        thread.join();
    holder.join();
    EXPECT_EQ(good, 4);
    EXPECT_EQ(refused, 6);
    EXPECT_EQ(ids().size(), 4u);
}

TEST_F(GroupCommit, AnotherProgramsLockIsWaitedForAndThenOverloaded) {
    auto impatient =
        Database::open({.url = database.url(), .busy_timeout = std::chrono::milliseconds(20)}, clock);
    must(write_now(*database, [&](Tx& tx) {
        tx.run(sql_insert, 1, 1);
        auto refused = write_now(*impatient, [](Tx& other) { other.run(sql_insert, 2, 1); });
        EXPECT_EQ(error_code(refused), core::ErrorCode::overloaded);
    }));
    must(write_now(*impatient, [](Tx& tx) { tx.run(sql_insert, 3, 1); }));
    EXPECT_EQ(ids(), (std::vector<int>{1, 3}));
}

}  // namespace
}  // namespace store
