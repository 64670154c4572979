// A read connection for every thread that reads, so that a point read costs no hand-over to another thread.
#pragma once

#include "store/sqlite.hpp"

#include <mutex>

namespace store {

// Owns the connections. A thread is lent one at its first read and gives it back when it ends; threads may
// outlive the database. close() and the destructor need that no thread is reading any more.
class SqliteReaders : public std::enable_shared_from_this<SqliteReaders> {
public:
    SqliteReaders(std::filesystem::path file, std::chrono::milliseconds busy_timeout);

    SqliteConnection& of_this_thread();
    void close();

private:
    struct Lent;
    struct LentToThread;

    SqliteConnection& lend();
    void give_back(SqliteConnection& connection);

    const std::uint64_t number_;  // unlike an address, never used again
    const std::filesystem::path file_;
    const std::chrono::milliseconds busy_timeout_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<SqliteConnection>> all_;
    std::vector<SqliteConnection*> idle_;
};

}  // namespace store
