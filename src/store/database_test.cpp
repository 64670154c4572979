// What both engines promise: results, errors, constraints, lists, snapshots.
#include "support/test_database.hpp"

namespace store {
namespace {

using support::error_code;
using support::must;

class Store : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        must(write([](Tx& tx) {
            tx.run(
                "create table things (id bigint primary key, name text not null, parent text, "
                "amount bigint not null default 0, constraint out_of_stock check (amount >= 0))");
            // Codes whose names no room's index has taken.
            tx.run("create unique index stale on things (name)");
            tx.run("create unique index rate_limited on things (parent, amount) where parent is not null");
            tx.run("create unique index currency_mismatch on things (lower(name)) where amount = 99");
        }));
    }
};
KONTOR_ON_BOTH_ENGINES(Store);

struct Thing {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::string> parent;
    std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, name, parent, amount))

constexpr Sql sql_insert("insert into things (id, name, parent, amount) values ($1, $2, $3, $4)");
constexpr Sql sql_all("select id, name, parent, amount from things order by id");
constexpr Sql sql_count("select count(*) from things");

core::Result<void> add(Tx& tx, std::int64_t id, std::string_view name,
                       const std::optional<std::string>& parent = {}, std::int64_t amount = 0) {
    tx.run(sql_insert, id, name, parent, amount);
    return {};
}

TEST_P(Store, KeepsWhatWasWritten) {
    must(write([](Tx& tx) { return add(tx, 1, "Ärger 'n \"quotes\" €", "up", 7); }));
    must(write([](Tx& tx) { return add(tx, 2, "", std::nullopt, std::int64_t{1} << 60); }));
    auto things = must(read([](Tx& tx) { return tx.list<Thing>(sql_all); }));
    ASSERT_EQ(things.size(), 2u);
    EXPECT_EQ(things[0].name, "Ärger 'n \"quotes\" €");
    EXPECT_EQ(things[0].parent, "up");
    EXPECT_EQ(things[1].name, "");
    EXPECT_FALSE(things[1].parent);
    EXPECT_EQ(things[1].amount, std::int64_t{1} << 60);
}

TEST_P(Store, AnErrorRollsBack) {
    auto result = write([](Tx& tx) -> core::Result<int> {
        must(add(tx, 1, "a"));
        return core::not_found("thing");
    });
    EXPECT_EQ(error_code(result), core::ErrorCode::not_found);
    EXPECT_THROW((void)write([](Tx& tx) {
                     must(add(tx, 1, "a"));
                     throw std::runtime_error("a bug");
                 }),
                 std::runtime_error);
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>(sql_count); })), 0);
}

TEST_P(Store, AWorkMayAskToRunAgain) {
    int runs = 0;
    must(write([&](Tx& tx) {
        must(add(tx, 1, "a"));
        tx.append_event("thing.made", "1");
        if (++runs < 3) throw RunAgain();
    }));
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(must(read([&](Tx& tx) { return db().events_after(tx, {}, 10).size(); })), 1u);
    auto endless = write([](Tx&) -> core::Result<void> { throw RunAgain(); });
    EXPECT_EQ(error_code(endless), core::ErrorCode::overloaded);
}

TEST_P(Store, TheNameOfAConstraintIsTheErrorCode) {
    must(write([](Tx& tx) { return add(tx, 1, "one", "p", 5); }));
    auto slug = write([](Tx& tx) { return add(tx, 2, "one"); });
    EXPECT_EQ(error_code(slug), core::ErrorCode::stale);
    auto pair = write([](Tx& tx) { return add(tx, 2, "two", "p", 5); });
    EXPECT_EQ(error_code(pair), core::ErrorCode::rate_limited);
    auto expression = write([](Tx& tx) {
        must(add(tx, 2, "ONE", {}, 99));
        return add(tx, 3, "One", {}, 99);
    });
    EXPECT_EQ(error_code(expression), core::ErrorCode::currency_mismatch);
    auto negative = write([](Tx& tx) { return add(tx, 2, "two", {}, -1); });
    EXPECT_EQ(error_code(negative), core::ErrorCode::out_of_stock);
    // A name that is no error code is a bug and stays one.
    EXPECT_THROW((void)write([](Tx& tx) { return add(tx, 1, "two"); }), ConstraintViolation);
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>(sql_count); })), 1);
}

TEST_P(Store, WhatIsAskedIsReadLaterInAnyOrder) {
    must(write([](Tx& tx) {
        must(add(tx, 1, "one", {}, 5));
        auto counted = tx.ask<int>(sql_count);
        tx.run("update things set amount = amount + 1 where id = 1");
        auto changed =
            tx.ask<std::int64_t>("update things set amount = amount + 1 where id = 1 returning amount");
        auto nothing = tx.ask<std::int64_t>("update things set amount = 0 where id = 2 returning amount");
        auto all = tx.ask_as<Thing>([](const Thing& thing) { return thing.name + "!"; }, sql_all);
        must(add(tx, 2, "two"));
        EXPECT_EQ(tx.get<int>(sql_count), 2);
        EXPECT_EQ(all.list(), std::vector<std::string>{"one!"});
        EXPECT_EQ(counted.get(), 1);
        EXPECT_EQ(changed.find(), 7);
        EXPECT_FALSE(nothing.find());
        EXPECT_THROW((void)tx.ask<int>("select 1 where 1 = 0").get(), std::logic_error);
        EXPECT_TRUE(Asked<int>().list().empty());
        auto unread = tx.ask<int>(sql_count);
    }));
    EXPECT_EQ(must(read([](Tx& tx) { return tx.ask<int>(sql_count).get(); })), 2);
    must(read([](Tx& tx) { auto unread = tx.ask<int>(sql_count); }));
}

TEST_P(Store, WhatIsAskedInVainFailsTheTransaction) {
    must(write([](Tx& tx) { return add(tx, 1, "one"); }));
    auto taken = write([](Tx& tx) {
        must(add(tx, 2, "two"));
        auto negative = tx.ask<int>("update things set amount = -1 where id = 1 returning amount");
        auto all = tx.ask<Thing>(sql_all);
        return all.list().size() + negative.list().size();
    });
    EXPECT_EQ(error_code(taken), core::ErrorCode::out_of_stock);
    auto unread = write([](Tx& tx) {
        auto negative = tx.ask<int>("update things set amount = -1 where id = 1 returning amount");
    });
    EXPECT_EQ(error_code(unread), core::ErrorCode::out_of_stock);
    EXPECT_THROW((void)write([](Tx& tx) {
                     must(add(tx, 2, "two"));
                     auto malformed =
                         tx.ask_as<int>([](int) -> int { throw std::runtime_error("malformed"); }, sql_count);
                     auto counted = tx.ask<int>(sql_count);
                     return counted.get();
                 }),
                 std::runtime_error);
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>(sql_count); })), 1);
}

TEST_P(Store, ParametersGoByNumberNotByAppearance) {
    auto name = read([](Tx& tx) {
        return tx.get<std::string>("select case when $2 = 'second' then cast($1 as text) else 'no $1' end",
                                   "first", "second");
    });
    EXPECT_EQ(must(std::move(name)), "first");
}

TEST_P(Store, ListsMatchTextAndIntegerColumns) {
    must(write([](Tx& tx) {
        for (int i = 1; i <= 5; ++i)
            must(add(tx, i, "n" + std::to_string(i)));
    }));
    std::vector<std::string> names{"n1", "n4", "it's \"odd\", {too} \\ €", "NULL", ""};
    auto by_name = read(
        [&](Tx& tx) { return tx.list<int>("select id from things where name = any($1) order by 1", names); });
    EXPECT_EQ(must(std::move(by_name)), (std::vector<int>{1, 4}));
    std::vector<std::string> ids{"2", "3", "99"};
    auto by_id = read(
        [&](Tx& tx) { return tx.list<int>("select id from things where id = any($1) order by 1", ids); });
    EXPECT_EQ(must(std::move(by_id)), (std::vector<int>{2, 3}));
    auto none = read([&](Tx& tx) {
        return tx.list<int>("select id from things where name = any($1)", std::vector<std::string>{});
    });
    EXPECT_TRUE(must(std::move(none)).empty());
    must(write([](Tx& tx) { return add(tx, 6, "it's \"odd\", {too} \\ €"); }));
    auto odd = read(
        [&](Tx& tx) { return tx.list<int>("select id from things where name = any($1) order by 1", names); });
    EXPECT_EQ(must(std::move(odd)), (std::vector<int>{1, 4, 6}));
}

TEST_P(Store, CountsWhatChanged) {
    must(write([](Tx& tx) {
        for (int i = 1; i <= 3; ++i)
            must(add(tx, i, "n" + std::to_string(i)));
    }));
    auto changed = write([](Tx& tx) {
        return tx.count_changed("update things set amount = amount + $1 where id > $2", 5, 1);
    });
    EXPECT_EQ(must(std::move(changed)), 2);
    auto none = write([](Tx& tx) { return tx.count_changed("delete from things where id = $1", 77); });
    EXPECT_EQ(must(std::move(none)), 0);
    auto returned = write([](Tx& tx) {
        return tx.list<int>("update things set amount = 1 where id >= $1 returning id", 2).size();
    });
    EXPECT_EQ(must(std::move(returned)), 2u);
}

TEST_P(Store, NullsOfAnyTypeAreTaken) {
    constexpr static Sql find(
        "select count(*) from things where ($1 is null or parent = $1) and ($2 is null or amount > $2)");
    must(write([](Tx& tx) { return add(tx, 1, "a", "p", 3); }));
    auto count = [&](std::optional<std::string> parent, std::optional<std::int64_t> amount) {
        return must(read([&](Tx& tx) { return tx.get<int>(find, parent, amount); }));
    };
    EXPECT_EQ(count({}, {}), 1);
    EXPECT_EQ(count("p", {}), 1);
    EXPECT_EQ(count({}, std::int64_t{1} << 40), 0);
    EXPECT_EQ(count("q", 2), 0);
    EXPECT_EQ(count({}, {}), 1);
    auto only_null = read([](Tx& tx) {
        return tx.get<int>("select case when $1 is null then 1 else 0 end", std::optional<std::string>{});
    });
    EXPECT_EQ(must(std::move(only_null)), 1);
}

TEST_P(Store, AReadCannotWrite) {
    EXPECT_ANY_THROW((void)read([](Tx& tx) { return add(tx, 1, "a"); }));
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>(sql_count); })), 0);
}

// Writes that arrive together share a transaction, whose last part may have nothing to do.
TEST_P(Store, WritesWithNothingToDoHoldUpNoOthers) {
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < 16; ++i) {
            writers.emplace_back([&, i] {
                for (int j = 0; j < 20; ++j) {
                    if (i % 2 == 0) {
                        must(
                            write([&](Tx& tx) { return add(tx, i * 100 + j, std::to_string(i * 100 + j)); }));
                    } else {
                        must(write([](Tx& tx) { return tx.get<int>(sql_count); }));
                    }
                }
            });
        }
    }
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>(sql_count); })), 160);
}

TEST_P(Store, AReadSeesOneSnapshot) {
    auto counts = read([&](Tx& tx) {
        auto before = tx.get<int>(sql_count);
        std::thread([&] { must(write([](Tx& other) { return add(other, 1, "a"); })); }).join();
        return std::pair(before, tx.get<int>(sql_count));
    });
    EXPECT_EQ(must(std::move(counts)), std::pair(0, 0));
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>(sql_count); })), 1);
}

TEST_P(Store, EventsAreLoggedWithTheirCommitOnly) {
    std::vector<std::string> heard;
    db().on_commit([&](std::span<const Event> events) {
        for (auto& event : events)
            heard.push_back(event.type + " " + event.subject);
    });
    must(write([](Tx& tx) {
        tx.append_event("thing.made", "t1", R"({"a": 1})");
        tx.append_event("thing.made", "t2");
    }));
    (void)write([](Tx& tx) -> core::Result<void> {
        tx.append_event("thing.lost", "t3");
        return core::not_found("thing");
    });
    EXPECT_EQ(heard, (std::vector<std::string>{"thing.made t1", "thing.made t2"}));
    auto logged = must(read([&](Tx& tx) { return db().events_after(tx, {}, 10); }));
    ASSERT_EQ(logged.size(), 2u);
    EXPECT_EQ(logged[0].event.payload, R"({"a": 1})");
    EXPECT_EQ(logged[1].event.subject, "t2");
    auto rest = must(read([&](Tx& tx) { return db().events_after(tx, logged[0].position, 10); }));
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].event.id, logged[1].event.id);
}

TEST_P(Store, SurvivesARestart) {
    must(write([](Tx& tx) { return add(tx, 1, "kept"); }));
    test_database().reopen();
    EXPECT_EQ(must(read([](Tx& tx) { return tx.get<int>(sql_count); })), 1);
    EXPECT_TRUE(db().reachable());
}

}  // namespace
}  // namespace store
