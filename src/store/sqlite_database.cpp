#include "store/sqlite_database.hpp"

#include "core/or_throw.hpp"
#include "core/thread.hpp"
#include "store/job.hpp"
#include "store/migrate.hpp"
#include "store/sqlite_checkpointer.hpp"
#include "store/sqlite_log.hpp"
#include "store/sqlite_readers.hpp"

#include <sched.h>

#include <thread>

namespace store {
namespace {

using std::chrono::steady_clock;

// Bounds the time that the first write of a batch waits for the others. With 5 ms instead of 2 the reads
// among 64 shoppers took half as long again, and no more orders were placed.
constexpr std::size_t batch_writes_max = 256;
constexpr std::chrono::milliseconds batch_time_max{2};
// Taken from the queue at a time, so that a batch of slow writes can end early.
constexpr std::size_t batch_step = 32;
// 4 MB: SQLite's own figure. A longer log makes each read search more of it, a shorter one costs more fsyncs.
constexpr int checkpoint_pages = 1000;
// Of a work that throws RunAgain.
constexpr int runs_max = 10;
// A full disk fails every batch: one line a second says so.
constexpr std::chrono::seconds complain_every{1};

class SqliteDatabase final : public Database {
public:
    SqliteDatabase(const std::filesystem::path& file, const Options& options, const core::Clock& clock)
        : file_(file),
          busy_timeout_(options.busy_timeout),
          clock_(clock),
          queue_(options.queue_max),
          writer_(file, SqliteConnection::Use::write, options.busy_timeout),
          checkpointer_(file, options.busy_timeout),
          readers_(std::make_shared<SqliteReaders>(file, options.busy_timeout)),
          writer_thread_([this] { serve_writes(); }) {}

    ~SqliteDatabase() override {
        queue_.close();
        writer_thread_.join();
        readers_->close();
    }

    std::string_view engine() const override { return "sqlite"; }
    void migrate(std::span<const Migration> migrations) override;

    boost::asio::awaitable<core::Result<Box>> write(Work work) override {
        return queue_.run(std::move(work), Use::write);
    }
    boost::asio::awaitable<core::Result<Box>> read(Work work) override { co_return read_now(work); }
    core::Result<Box> write_now(const Work& work) override;
    core::Result<Box> read_now(const Work& work) override;
    bool reads_in_place() const override { return true; }
    bool reachable() override;

    void on_commit(CommitListener listener) override { listeners_.add(std::move(listener)); }
    std::vector<LoggedEvent> events_after(Tx& tx, Position after, int limit) override;
    Position last_event(Tx& tx) override;
    std::optional<std::int64_t> lowest_id_after(Tx& tx, Position after) override;
    Moment this_moment(Tx& tx) override { return {.id = last_event(tx).id}; }
    News news_since(Tx& tx, const Moment& moment, int limit) override;

    std::size_t queue_length() const override { return queue_.length(); }
    Counts counts() const override { return {commits_, writes_, 0}; }

    LogMark mark(const std::shared_ptr<SqliteLog>& log);
    void leave();

private:
    void serve_writes();
    void write_batch(std::vector<Job*>& batch);
    void run_part(Job& job);
    bool try_part(Job& job);
    void shorten_log();
    void checkpoint();
    void fail_batch(std::span<Job* const> batch, const std::string& why);
    void complain(const std::string& why);

    const std::filesystem::path file_;
    const std::chrono::milliseconds busy_timeout_;
    const core::Clock& clock_;
    JobQueue queue_;
    SqliteConnection writer_;
    SqliteCheckpointer checkpointer_;
    std::shared_ptr<SqliteReaders> readers_;
    std::shared_ptr<SqliteLog> log_;  // belongs to the writer's thread; empty: nobody follows
    CommitListeners listeners_;
    std::vector<Event> events_;  // of the running batch
    steady_clock::time_point complain_at_{};
    std::uint64_t succeeded_ = 0;  // writes of the running batch
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::uint64_t> writes_{0};
    std::thread writer_thread_;  // last: it uses all of the above
};

void SqliteDatabase::migrate(std::span<const Migration> migrations) {
    SqliteConnection connection(file_, SqliteConnection::Use::migrate, busy_timeout_);
    connection.begin_write();
    Tx tx(connection, clock_.now());
    const bool changed = apply_migrations(tx, migrations, &Migration::sqlite,
                                          [&](std::string_view sql) { connection.run_script(sql); });
    static constexpr Sql sql_broken_keys("select count(*) from pragma_foreign_key_check");
    if (changed && tx.get<std::int64_t>(sql_broken_keys) > 0) {
        throw std::runtime_error("A migration left rows that refer to missing ones. Nothing was changed.");
    }
    connection.commit();
}

core::Result<Box> SqliteDatabase::write_now(const Work& work) {
    if (std::this_thread::get_id() == writer_thread_.get_id()) {
        throw std::logic_error("a work must not wait for another write: use its Tx");
    }
    return queue_.run_now(work, Use::write);
}

core::Result<Box> SqliteDatabase::read_now(const Work& work) {
    auto& connection = readers_->of_this_thread();
    if (connection.in_transaction()) throw std::logic_error("a read inside a read: use its Tx");
    connection.begin_read();
    try {
        Tx tx(connection, clock_.now());
        auto result = run_work(work, tx);
        connection.commit();
        return result;
    } catch (...) {
        connection.rollback();
        throw;
    }
}

bool SqliteDatabase::reachable() {
    static constexpr Sql sql_any("select count(*) from sqlite_schema where rootpage = 0");
    try {
        return store::read_now(*this, [](Tx& tx) { return tx.get<std::int64_t>(sql_any) >= 0; })
            .value_or(false);
    } catch (const std::exception& error) {
        spdlog::warn("sqlite: not reachable: {}", error.what());
        return false;
    }
}

// The one writer commits in the order of ids, and only what is committed can be read: no event comes late.
std::vector<Database::LoggedEvent> SqliteDatabase::events_after(Tx& tx, Position after, int limit) {
    static constexpr Sql sql(
        "select id, type, subject, payload, created_at from events where id > $1 order by id limit $2");
    std::vector<LoggedEvent> logged;
    for (auto& event : tx.list<Event>(sql, after.id, limit))
        logged.push_back({{0, event.id}, std::move(event)});
    return logged;
}

Database::Position SqliteDatabase::last_event(Tx& tx) {
    static constexpr Sql sql("select coalesce(max(id), 0) from events");
    return {0, tx.get<std::int64_t>(sql)};
}

std::optional<std::int64_t> SqliteDatabase::lowest_id_after(Tx& tx, Position after) {
    static constexpr Sql sql("select id from events where id > $1 order by id limit 1");
    return tx.find<std::int64_t>(sql, after.id);
}

Database::News SqliteDatabase::news_since(Tx& tx, const Moment& moment, int limit) {
    News news{{}, moment};
    for (auto& logged : events_after(tx, {0, moment.id}, limit))
        news.events.push_back(std::move(logged.event));
    if (!news.events.empty()) news.moment.id = news.events.back().id;
    return news;
}

void SqliteDatabase::serve_writes() {
    core::name_thread("sqlite-writer");
    std::vector<Job*> batch;
    while (queue_.take(batch, batch_step)) {
        write_batch(batch);
        auto count = batch.size();
        // Before the answers: whoever is answered may look at the length.
        queue_.done(count);
        answer(batch);
        batch.clear();
        shorten_log();
    }
}

// Whoever follows the log takes out of it what is copied, which only this thread can wait for.
void SqliteDatabase::shorten_log() {
    const bool long_enough = writer_.log_pages() >= checkpoint_pages;
    if (log_) {
        if (long_enough) checkpoint();
    } else if (checkpointer_.has_copied()) {
        checkpoint();
        checkpointer_.finish();
    } else if (long_enough) {
        checkpointer_.begin();
    }
}

// Inside a write of this thread nobody commits.
LogMark SqliteDatabase::mark(const std::shared_ptr<SqliteLog>& log) {
    LogMark mark;
    core::or_throw(store::write_now(*this, [&](Tx&) {
        mark.rest = log->mark(clock_.now());
        mark.at = clock_.now();
        log_ = log;
    }));
    return mark;
}

void SqliteDatabase::leave() {
    core::or_throw(store::write_now(*this, [&](Tx&) {
        if (log_) log_->stop();
        log_ = nullptr;
    }));
}

SqliteDatabase& on_sqlite(Database& database) {
    auto* sqlite = dynamic_cast<SqliteDatabase*>(&database);
    if (!sqlite) throw std::logic_error("only SQLite has a log of its own to follow");
    return *sqlite;
}

// Another failure loses nothing: the log keeps what is not copied yet.
void SqliteDatabase::checkpoint() {
    try {
        if (log_) {
            log_->run_checkpoint([this] { writer_.checkpoint(); });
        } else {
            writer_.checkpoint();
        }
    } catch (const SqliteUnflushed& failure) {
        end_unflushed(failure);
    } catch (const std::exception& error) {
        complain(error.what());
    }
}

// Each write is a part of one transaction. Afterwards every job of the batch holds its outcome, durable if
// good.
void SqliteDatabase::write_batch(std::vector<Job*>& batch) {
    auto until = steady_clock::now() + batch_time_max;
    events_.clear();
    succeeded_ = 0;
    try {
        writer_.begin_write();
        for (std::size_t next = 0; next < batch.size(); ++next) {
            run_part(*batch[next]);
            // A batch keeps a core busy: a read that waits for it has its turn between two writes.
            ::sched_yield();
            // What arrived meanwhile shares the fsync.
            if (next + 1 == batch.size() && batch.size() < batch_writes_max && steady_clock::now() < until) {
                queue_.take_more(batch, batch_step);
            }
        }
        const auto commits = writer_.log_commits();
        writer_.commit();
        if (log_ && writer_.log_commits() != commits) log_->note_commit(writer_.log_pages(), clock_.now());
    } catch (const SqliteBusy& busy) {
        spdlog::warn("{}: {} writes refused", busy.what(), batch.size());
        writer_.rollback();
        for (auto* job : batch)
            job->result = refused();
        return;
    } catch (const std::exception& error) {
        writer_.rollback();
        fail_batch(batch, error.what());
        return;
    }
    if (succeeded_ == 0) return;
    ++commits_;
    writes_ += succeeded_;
    listeners_.tell(events_);
}

// Throws only if the whole batch is lost.
void SqliteDatabase::run_part(Job& job) {
    for (int run = 1; !try_part(job); ++run) {
        if (run == runs_max) {
            job.result = refused();
            return;
        }
    }
}

// False if the work wants to run again from the start.
bool SqliteDatabase::try_part(Job& job) {
    bool again = false;
    writer_.begin_part();
    Tx tx(writer_, clock_.now());
    try {
        job.result = run_work(job.work, tx);
        if (job.result) {
            writer_.end_part();
            ++succeeded_;
            std::ranges::move(tx.take_events(), std::back_inserter(events_));
            return true;
        }
    } catch (const RunAgain&) {
        again = true;
    } catch (...) {
        job.failed = std::current_exception();
    }
    if (!writer_.in_transaction())
        throw std::runtime_error("sqlite: the transaction was given up after an I/O error");
    writer_.undo_part();
    return !again;
}

void SqliteDatabase::fail_batch(std::span<Job* const> batch, const std::string& why) {
    complain(std::to_string(batch.size()) + " writes failed together: " + why);
    for (auto* job : batch) {
        if (job->failed) continue;
        job->result = {};
        // One object each: the callers rethrow them on threads of their own.
        job->failed = std::make_exception_ptr(std::runtime_error(why));
    }
}

void SqliteDatabase::complain(const std::string& why) {
    auto now = steady_clock::now();
    if (now < complain_at_) return;
    complain_at_ = now + complain_every;
    spdlog::error("store: {}", why);
}

}  // namespace

LogMark mark_log(Database& database, const std::shared_ptr<SqliteLog>& log) {
    return on_sqlite(database).mark(log);
}

void leave_log(Database& database) {
    on_sqlite(database).leave();
}

void touch_log(Database& database) {
    static constexpr Sql sql("pragma user_version = 0");
    core::or_throw(store::write_now(database, [](Tx& tx) { tx.run(sql); }));
}

std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file, const Options& options,
                                      const core::Clock& clock) {
    if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
    return std::make_unique<SqliteDatabase>(file, options, clock);
}

}  // namespace store
