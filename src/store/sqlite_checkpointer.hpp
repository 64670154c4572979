// Copies SQLite's write-ahead log into the database file on a thread of its own, while the writer goes on.
// It never comes to the log's end, as more is written behind it meanwhile: the writer copies the little that
// is left, between two transactions, and so lets the log begin anew.
#pragma once

#include "store/sqlite.hpp"

#include <atomic>
#include <semaphore>
#include <thread>

namespace store {

class SqliteCheckpointer {
public:
    // Of the database in `file`, which must be there. Throws std::runtime_error if it can't be opened.
    SqliteCheckpointer(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout);
    ~SqliteCheckpointer();

    // The rest is for the writer's thread. Begins to copy unless it has begun and isn't finished.
    void begin();
    // Now a checkpoint of the writer's own is short, unless copying failed, which loses nothing.
    bool has_copied() const { return state_ == State::copied; }
    // After that checkpoint.
    void finish() { state_ = State::idle; }

private:
    enum class State { idle, copying, copied };

    void serve();
    void copy();

    SqliteConnection connection_;
    std::atomic<State> state_{State::idle};
    std::atomic<bool> stopping_{false};
    std::counting_semaphore<2> begun_{0};  // begin() and the end
    std::thread thread_;                   // last: it uses all of the above
};

// Ends the program, as PostgreSQL does: a later flush would succeed without what this one lost, and the log
// would begin anew.
[[noreturn]] void end_unflushed(const SqliteUnflushed& failure);

}  // namespace store
