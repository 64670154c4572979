// One connection to a SQLite file. sqlite.cpp is the only file that includes sqlite3.h.
// A connection belongs to one thread at a time. Its statements are prepared once and kept.
#pragma once

#include "store/tables.hpp"
#include "store/tx.hpp"

#include <chrono>
#include <filesystem>
#include <unordered_map>

struct sqlite3;
struct sqlite3_backup;
struct sqlite3_stmt;

namespace store {

// Another process held the lock for longer than busy_timeout; nothing was changed.
struct SqliteBusy : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The database file couldn't be flushed: what was copied into it may be lost, and the system forgets the
// fault with telling it. The log still has all of it, and is copied anew by whoever opens the database next.
struct SqliteUnflushed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class SqliteConnection final : public Connection {
public:
    enum class Use { write, read, migrate };

    // Opens the file, or creates it unless `use` is read. Throws std::runtime_error.
    SqliteConnection(const std::filesystem::path& file, Use use, std::chrono::milliseconds busy_timeout);
    ~SqliteConnection() override;
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    std::int64_t run(Sql sql, std::span<const Param> params, const Visit& visit) override;
    Ticket run_later(Sql sql, std::span<const Param> params, Visit visit) override {
        run(sql, params, visit);
        return 0;
    }
    void settle(Ticket) override {}
    // Several statements without parameters, as SQLite reads them.
    void run_script(std::string_view script);

    void begin_read();   // later statements see one snapshot, taken by the first of them
    void begin_write();  // takes the one write lock of the file, waiting for it up to busy_timeout
    void commit();       // of a write: returns once it is on the disk
    // Gives up the transaction, if there still is one: SQLite ends it by itself after some I/O errors.
    void rollback() noexcept;
    bool in_transaction() const;

    // Parts of one transaction that can fail for themselves. The savepoint is set by the first statement that
    // changes something, and spared when no earlier part has changed anything.
    void begin_part();
    void end_part();
    void undo_part();

    // Pages in the write-ahead log after the last commit.
    int log_pages() const { return log_pages_; }
    // Commits of this connection that wrote to it.
    std::uint64_t log_commits() const { return log_commits_; }
    // Copies the log's pages into the database file without waiting for readers.
    void checkpoint();
    // Returns once what was copied so far is on the disk: else that is left to the checkpoint that comes to
    // the log's end.
    void sync_database();

private:
    friend class SqliteStatement;
    friend class SqliteCopy;

    struct Statement {
        sqlite3_stmt* handle = nullptr;
        int parameters = 0;
        bool changes = false;
    };

    void begin_log(std::chrono::milliseconds busy_timeout);
    Statement& prepared(Sql sql);
    void bind(const Statement& statement, std::span<const Param> params);
    void mark_part();
    [[noreturn]] void fail(int code, std::string_view doing);
    std::string unique_index_over(std::string_view columns);
    void check(int code, std::string_view doing) {
        if (code != 0) fail(code, doing);
    }

    sqlite3* database_ = nullptr;
    std::unordered_map<const char*, Statement> statements_;
    int log_pages_ = 0;
    std::uint64_t log_commits_ = 0;
    bool changed_ = false;       // this transaction has changed something
    bool part_changed_ = false;  // the running part has
    bool part_marked_ = false;   // and has a savepoint before it
};

// A statement whose text is only known at run time. Ends before its connection.
class SqliteStatement {
public:
    SqliteStatement(SqliteConnection& connection, std::string text);
    ~SqliteStatement();
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    // Runs it from the start with these for its parameters; they must outlive the last step.
    void begin(const Values& values);
    bool step();  // to the next row; false at the end
    // Of the row it stands at. Throws std::runtime_error if there is something else than a number or a text.
    Value value(int column) const;

private:
    SqliteConnection& connection_;
    const std::string text_;
    sqlite3_stmt* handle_ = nullptr;
};

// A copy of the database, page by page and so with the same numbers for them, as the read transaction sees it
// that is open on `from`. Both must outlive it.
class SqliteCopy {
public:
    SqliteCopy(SqliteConnection& from, const std::filesystem::path& to);
    ~SqliteCopy();
    SqliteCopy(const SqliteCopy&) = delete;
    SqliteCopy& operator=(const SqliteCopy&) = delete;

    // Copies some more; false once all of it is on the disk.
    bool step(int pages);

private:
    sqlite3* target_ = nullptr;
    sqlite3_backup* copying_ = nullptr;
};

}  // namespace store
