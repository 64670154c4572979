// A schema is brought up to date once, and a database that doesn't fit this program is refused.
#include "support/test_database.hpp"

#include <latch>
#include <thread>

namespace store {
namespace {

using support::must;

constexpr std::string_view first_sql =
    "create table one (id bigint primary key); create table two (id bigint);";

class Migrate : public testing::TestWithParam<std::string_view> {
protected:
    void SetUp() override { place.emplace(GetParam()); }

    std::unique_ptr<Database> open() {
        return Database::open({.url = place->url(), .postgres_connections = 2}, clock);
    }

    std::string why_refused(std::span<const Migration> migrations) {
        try {
            open()->migrate(migrations);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    }

    core::Clock clock;
    std::optional<support::EmptyDatabase> place;
};
KONTOR_ON_BOTH_ENGINES(Migrate);

const Migration first{"store", "0001_first", first_sql, first_sql};
const Migration second{"store", "0002_second", "insert into one values (1)", "insert into one values (1)"};

int rows_in_one(Database& database) {
    return must(read_now(database, [](Tx& tx) { return tx.get<int>("select count(*) from one"); }));
}

TEST_P(Migrate, RunsEachOnce) {
    auto database = open();
    database->migrate({{first, second}});
    database->migrate({{first, second}});
    EXPECT_EQ(rows_in_one(*database), 1);
    open()->migrate({{first, second}});
    EXPECT_EQ(rows_in_one(*database), 1);
}

TEST_P(Migrate, RunsWhatIsNew) {
    auto database = open();
    database->migrate({{first}});
    EXPECT_EQ(rows_in_one(*database), 0);
    database->migrate({{first, second}});
    EXPECT_EQ(rows_in_one(*database), 1);
}

TEST_P(Migrate, OneOfManyWhoStartTogetherRunsThem) {
    std::vector<std::thread> starting;
    for (int i = 0; i < 4; ++i)
        starting.emplace_back([&] { open()->migrate({{first, second}}); });
    for (auto& thread : starting)
        thread.join();
    EXPECT_EQ(rows_in_one(*open()), 1);
}

// A node of the version before holds what the migration wants, and waits for what it has.
TEST_P(Migrate, IsTriedAgainAfterADeadlockWithAShopThatSells) {
    if (GetParam() != "postgres") GTEST_SKIP() << "only PostgreSQL has others at work meanwhile";
    static constexpr std::string_view alter_sql =
        "alter table one add column a bigint; select pg_sleep(0.3); alter table two add column b bigint";
    static constexpr Sql sql_wait(
        "do $$ begin while not exists (select 1 from pg_locks where relation = 'one'::regclass "
        "and mode = 'AccessExclusiveLock' and granted) loop perform pg_sleep(0.01); end loop; end $$");
    auto database = open();
    database->migrate({{first}});
    must(write_now(*database, [](Tx& tx) {
        tx.run("insert into one values (1)");
        tx.run("insert into two values (1)");
    }));
    std::latch holds_two(1);
    std::thread shop([&] {
        must(write_now(*database, [&, tries = 0](Tx& tx) mutable {
            tx.count_changed("update two set id = id + 1");
            if (tries++ == 0) {
                holds_two.count_down();
                tx.run(sql_wait);
            }
            tx.count_changed("update one set id = id + 1");
        }));
    });
    holds_two.wait();
    open()->migrate({{first, {"store", "0002_alter", alter_sql, alter_sql}}});
    shop.join();
    EXPECT_EQ(rows_in_one(*database), 1);
}

TEST_P(Migrate, RefusesANewerSchema) {
    open()->migrate({{first, second}});
    EXPECT_NE(why_refused({{first}}).find("0002_second"), std::string::npos);
    EXPECT_NE(why_refused({{first}}).find("newer version"), std::string::npos);
}

TEST_P(Migrate, RefusesAChangedMigration) {
    open()->migrate({{first, second}});
    const Migration changed{"store", "0002_second", "insert into one values (2)",
                            "insert into one values (2)"};
    EXPECT_NE(why_refused({{first, changed}}).find("0002_second"), std::string::npos);
    EXPECT_EQ(rows_in_one(*open()), 1);
}

TEST_P(Migrate, AFailureChangesNothing) {
    const Migration broken{"store", "0002_broken",
                           "insert into one values (1); insert into nowhere values (1)",
                           "insert into one values (1); insert into nowhere values (1)"};
    EXPECT_NE(why_refused({{first, broken}}).find("nowhere"), std::string::npos);
    auto database = open();
    database->migrate({{first}});
    EXPECT_EQ(rows_in_one(*database), 0);
}

TEST_P(Migrate, TheProgramsOwnRun) {
    auto database = open();
    database->migrate(all_migrations());
    database->migrate(all_migrations());
    EXPECT_TRUE(database->reachable());
}

TEST(MigrateSqlite, RefusesRowsThatReferToMissingOnes) {
    support::EmptyDatabase place("sqlite");
    core::Clock clock;
    auto database = Database::open({.url = place.url()}, clock);
    constexpr std::string_view sql =
        "create table parent (id text primary key); create table child (id text references parent (id));"
        "insert into child values ('x')";
    const Migration broken{"store", "0001_broken", sql, sql};
    EXPECT_THROW(database->migrate({{broken}}), std::runtime_error);
}

TEST(DatabaseUrl, IsOneOfTheTwo) {
    core::Clock clock;
    for (std::string_view url : {"", "sqlite:", "mysql://host/db", "kontor.db"}) {
        EXPECT_THROW((void)Database::open({.url = std::string(url)}, clock), std::runtime_error) << url;
    }
    EXPECT_THROW((void)Database::open({.url = "sqlite:/proc/nowhere/x.db"}, clock), std::exception);
    EXPECT_THROW((void)Database::open({.url = "postgres:///x?host=/nowhere"}, clock), std::runtime_error);
}

}  // namespace
}  // namespace store
