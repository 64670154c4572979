// SQLite's write-ahead log, followed while a shop is served: for shipping it elsewhere (backup/shipper.hpp).
// What was committed is taken out of the log before a checkpoint lets SQLite write over it, and waits in
// memory until it is fetched: the writer waits for that reading, which is of pages in the system's cache, and
// for nobody's disk.
//
// Other programs on the same file can't break the chain: some read transaction is always open that doesn't
// see what wasn't taken yet, so that SQLite can't begin the log anew. Frames are laid out as
// SQLite's file format says (fileformat2.html §4).
#pragma once

#include "store/database.hpp"
#include "store/sqlite.hpp"

#include <atomic>
#include <mutex>

namespace store {

struct LogCommit {
    std::int64_t frames = 0;  // of the piece: those up to and with this commit
    core::Time at;            // when it was durable, which is before anybody was answered; never goes back
};

// Whole commits, each behind the one before.
struct LogPiece {
    std::vector<LogCommit> commits;
    std::string frames;
};

// What was committed can't be had any more: only a fresh copy helps.
struct LogBroken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class SqliteLog {
public:
    // Of the database in `file`, which must be open. At most `waiting_bytes_max` wait to be fetched.
    SqliteLog(const std::filesystem::path& file, std::size_t waiting_bytes_max);
    ~SqliteLog();
    SqliteLog(const SqliteLog&) = delete;
    SqliteLog& operator=(const SqliteLog&) = delete;

    // For one thread, of whoever ships.
    // What was committed since the last time; nothing: no commits. Throws LogBroken.
    LogPiece fetch();
    // Copies the database, as it was at the last mark, to the new file `to`. `breathe` is called between some
    // pages and may throw.
    void copy_marked(const std::filesystem::path& to, const std::function<void()>& breathe);
    // Gives up the copy of the last mark.
    void drop_mark() { marked_.rollback(); }
    // Whether another program has written what none of our own commits has told of yet.
    bool has_strangers();

    // By any thread. When the oldest commit was made that wasn't fetched; none: all were.
    std::optional<core::Time> waiting_since();

    // On the writer's thread, for sqlite_database.cpp alone.
    // Holds the database as it is now for copy_marked(), and follows the log from here on if it didn't yet.
    // Gives what was to be fetched before the mark.
    LogPiece mark(core::Time now);
    void note_commit(int pages, core::Time at);  // so many frames are in the log now
    void run_checkpoint(const std::function<void()>& run);
    void stop();

private:
    struct Note {
        int pages;
        core::Time at;
    };

    void take_in();
    void hold_anew();
    bool sees_strangers();
    void follow();
    void break_off(const std::string& why);
    std::string read_log(std::size_t length, std::size_t from);

    const std::filesystem::path log_file_;
    const std::size_t waiting_bytes_max_;
    SqliteConnection marked_;
    std::unique_ptr<SqliteConnection> held_;
    std::unique_ptr<SqliteConnection> spare_;  // holds for as long as held_ begins again
    std::atomic<int> last_pages_{0};

    std::mutex notes_mutex_;
    std::vector<Note> notes_;  // not taken in yet
    core::Time last_at_;

    std::mutex mutex_;  // of all below; never taken while notes_mutex_ is held
    bool following_ = false;
    std::string broken_because_;
    std::string salts_;  // of the log that is being read: they change when SQLite begins it anew
    std::size_t page_bytes_ = 0;
    int taken_ = 0;  // frames of it
    LogPiece waiting_;
    int handle_ = -1;
};

// sqlite_database.cpp: between two commits. Throws std::runtime_error if the database has no time for it.
struct LogMark {
    core::Time at;
    LogPiece rest;  // what belongs before it
};
LogMark mark_log(Database& database, const std::shared_ptr<SqliteLog>& log);
// A commit of our own that changes nothing: it tells how far the log goes.
void touch_log(Database& database);
void leave_log(Database& database);

// Writes the frames of whole commits into the database file that they belong to, while nobody has it open.
void apply_frames(const std::filesystem::path& database, std::string_view frames);

}  // namespace store
