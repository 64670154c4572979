// SQLite's log is copied away while others write.
#include "store/sqlite_checkpointer.hpp"

#include "support/test_database.hpp"

#include <filesystem>
#include <thread>

namespace store {
namespace {

using support::must;

std::string file_of(const std::string& url) {
    return url.substr(std::string_view("sqlite:").size());
}

void insert_parcel(SqliteConnection& writer, std::int64_t id, std::string_view goods) {
    Tx tx(writer, {});
    writer.begin_write();
    tx.run("insert into parcels (id, goods) values ($1, $2)", id, goods);
    writer.commit();
}

TEST(SqliteCheckpointer, CopiesAllOfTheLogWhileNobodyWrites) {
    constexpr std::chrono::seconds busy_timeout{5};
    support::EmptyDatabase place("sqlite");
    SqliteConnection writer(file_of(place.url()), SqliteConnection::Use::write, busy_timeout);
    writer.run_script("create table parcels (id integer primary key, goods text not null)");
    SqliteCheckpointer checkpointer(file_of(place.url()), busy_timeout);
    const std::string goods(1 << 20, 'x');
    insert_parcel(writer, 1, goods);
    ASSERT_GT(writer.log_pages(), 256);
    checkpointer.begin();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!checkpointer.has_copied() && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    ASSERT_TRUE(checkpointer.has_copied());
    insert_parcel(writer, 2, "little");
    EXPECT_LT(writer.log_pages(), 10) << "the log begins anew only when all of it is copied";
}

TEST(SqliteCheckpointer, TheLogBeginsAnewThoughWritesNeverPause) {
    core::Clock clock;
    support::TestDatabase database("sqlite", clock);
    must(write_now(*database, [](Tx& tx) {
        tx.run("create table parcels (id bigint primary key, goods text not null)");
    }));
    constexpr int writers = 4;
    constexpr int parcels = 400;
    const std::string goods(64 << 10, 'x');  // all of them: 100 MB
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([&, writer] {
            for (int i = 0; i < parcels; ++i) {
                must(write_now(*database, [&](Tx& tx) {
                    tx.run("insert into parcels (id, goods) values ($1, $2)", writer * parcels + i, goods);
                }));
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_LT(std::filesystem::file_size(file_of(database.url()) + "-wal"), 64u << 20);
    database.reopen();
    EXPECT_EQ(must(read_now(*database,
                            [&](Tx& tx) {
                                return tx.get<int>("select count(*) from parcels where goods = $1", goods);
                            })),
              writers * parcels);
}

}  // namespace
}  // namespace store
