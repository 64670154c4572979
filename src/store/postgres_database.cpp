#include "store/postgres_database.hpp"

#include "core/random.hpp"
#include "core/thread.hpp"
#include "store/job.hpp"
#include "store/migrate.hpp"
#include "store/postgres.hpp"
#include "store/postgres_news.hpp"

#include <bit>
#include <thread>

namespace store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int conflicts_max = 10;
constexpr milliseconds conflict_wait_first{2};
constexpr milliseconds conflict_wait_last{100};
// How long a transaction waits for a server that restarts, before its caller is asked to come again.
constexpr milliseconds reconnect_for{3000};
constexpr milliseconds reconnect_wait_first{20};
constexpr milliseconds reconnect_wait_last{500};
constexpr milliseconds reachable_for{1000};

thread_local bool on_worker = false;

// Doubles with each try; random, so that those who collided don't meet again.
milliseconds wait_before(int tries, milliseconds first, milliseconds last) {
    auto longest = std::min(last, first * (1 << std::min(tries, 16)));
    auto random = std::bit_cast<std::uint32_t>(core::random_bytes<4>());
    return milliseconds(1 + random % longest.count());
}

std::string_view snapshot_of(std::string_view moment) {
    return moment.substr(0, moment.find(' '));
}

class PostgresDatabase final : public Database {
public:
    PostgresDatabase(const Options& options, const core::Clock& clock)
        : url_(options.url), clock_(clock), queue_(options.queue_max), news_(options.url) {
        auto first = std::make_unique<PostgresConnection>(url_);
        workers_.emplace_back(
            [this, connection = std::move(first)]() mutable { serve(std::move(connection)); });
        for (unsigned i = 1; i < options.postgres_connections; ++i)
            workers_.emplace_back([this] { serve(nullptr); });
    }

    ~PostgresDatabase() override {
        closing_ = true;
        queue_.close();
        for (auto& worker : workers_)
            worker.join();
    }

    std::string_view engine() const override { return "postgres"; }
    void migrate(std::span<const Migration> migrations) override;

    boost::asio::awaitable<core::Result<Box>> write(Work work) override {
        return queue_.run(std::move(work), Use::write);
    }
    boost::asio::awaitable<core::Result<Box>> read(Work work) override {
        return queue_.run(std::move(work), Use::read);
    }
    core::Result<Box> write_now(const Work& work) override { return run_now(work, Use::write); }
    core::Result<Box> read_now(const Work& work) override { return run_now(work, Use::read); }
    bool reads_in_place() const override { return false; }
    bool reachable() override;

    void on_commit(CommitListener listener) override { listeners_.add(std::move(listener)); }
    std::vector<LoggedEvent> events_after(Tx& tx, Position after, int limit) override;
    Position last_event(Tx& tx) override;
    std::optional<std::int64_t> lowest_id_after(Tx& tx, Position after) override;
    Moment this_moment(Tx& tx) override;
    News news_since(Tx& tx, const Moment& moment, int limit) override;

    void on_news(std::function<void()> ring) override { news_.on_news(std::move(ring)); }
    void whisper(std::string word) override { news_.whisper(std::move(word)); }
    void on_whisper(std::function<void(std::string_view)> hear) override {
        news_.on_whisper(std::move(hear));
    }
    bool hears_others() const override { return news_.is_listening(); }

    std::size_t queue_length() const override { return queue_.length(); }
    std::optional<Connections> connections() const override;
    Counts counts() const override { return {writes_, writes_, retries_}; }

private:
    using ConnectionPtr = std::unique_ptr<PostgresConnection>;

    core::Result<Box> run_now(const Work& work, Use use);
    void serve(ConnectionPtr connection);
    void run(Job& job, ConnectionPtr& connection);
    void run_once(Job& job, PostgresConnection& connection);

    const std::string url_;
    const core::Clock& clock_;
    JobQueue queue_;
    CommitListeners listeners_;
    PostgresNews news_;
    std::atomic<bool> closing_{false};
    std::atomic<bool> away_{false};  // said so in the log
    std::atomic<std::uint64_t> writes_{0};
    std::atomic<std::uint64_t> retries_{0};
    std::mutex reachable_mutex_;
    steady_clock::time_point reachable_at_{};
    bool reachable_ = false;
    std::vector<std::thread> workers_;  // last: they use all of the above
};

void migrate_once(PostgresConnection& connection, core::Time now, std::span<const Migration> migrations) {
    connection.begin(Use::write);
    Tx tx(connection, now);
    static constexpr Sql sql_lock("select 1 from (select pg_advisory_xact_lock($1)) as lock");
    tx.get<int>(sql_lock, migration_lock);
    apply_migrations(tx, migrations, &Migration::postgres,
                     [&](std::string_view sql) { connection.run_script(sql); });
    connection.commit();
}

// Other nodes may be selling meanwhile, and take their locks in another order than a migration does.
void PostgresDatabase::migrate(std::span<const Migration> migrations) {
    PostgresConnection connection(url_);
    for (int conflicts = 1;; ++conflicts) {
        try {
            return migrate_once(connection, clock_.now(), migrations);
        } catch (const RunAgain&) {
            if (conflicts == conflicts_max) throw;
            connection.rollback();
            std::this_thread::sleep_for(wait_before(conflicts, conflict_wait_first, conflict_wait_last));
        }
    }
}

core::Result<Box> PostgresDatabase::run_now(const Work& work, Use use) {
    // All workers could end up waiting for a free one.
    if (on_worker) throw std::logic_error("a work must not wait for another one: use its Tx");
    return queue_.run_now(work, use);
}

// Each worker has a connection, and runs one job at a time.
std::optional<Database::Connections> PostgresDatabase::connections() const {
    const std::size_t waiting = queue_.waiting();
    const std::size_t under_way = queue_.length();
    const std::size_t busy = std::min(under_way - std::min(under_way, waiting), workers_.size());
    return Connections{busy, workers_.size() - busy};
}

bool PostgresDatabase::reachable() {
    std::lock_guard lock(reachable_mutex_);
    if (steady_clock::now() - reachable_at_ > reachable_for) {
        reachable_ = postgres_answers(url_);
        reachable_at_ = steady_clock::now();
    }
    return reachable_;
}

// Transactions get their ids before they commit, in any order. Below the oldest that still runs nothing can
// appear.
std::vector<Database::LoggedEvent> PostgresDatabase::events_after(Tx& tx, Position after, int limit) {
    static constexpr Sql sql(
        "select id, type, subject, payload, created_at, transaction_id from events "
        "where (transaction_id, id) > ($1, $2) "
        "and transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
        "order by transaction_id, id limit $3");
    std::vector<LoggedEvent> logged;
    tx.visit(
        [&](const RowView& row) {
            auto event = read_row<Event>(row);
            logged.push_back({{row.integer(5), event.id}, std::move(event)});
        },
        sql, after.transaction, after.id, limit);
    return logged;
}

Database::Position PostgresDatabase::last_event(Tx& tx) {
    static constexpr Sql sql(
        "select transaction_id, id from events "
        "where transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
        "order by transaction_id desc, id desc limit 1");
    Position last;
    tx.visit([&](const RowView& row) { last = {row.integer(0), row.integer(1)}; }, sql);
    return last;
}

std::optional<std::int64_t> PostgresDatabase::lowest_id_after(Tx& tx, Position after) {
    static constexpr Sql sql("select min(id) from events where (transaction_id, id) > ($1, $2)");
    return tx.get<std::optional<std::int64_t>>(sql, after.transaction, after.id);
}

// A snapshot, and since when the server counts what it does: that is another time on another server, and on
// the same one behind a crash, where numbers of transactions that left no trace are given again
// (log_places.hpp).
Database::Moment PostgresDatabase::this_moment(Tx& tx) {
    static constexpr Sql sql(
        "select pg_current_snapshot()::text || ' ' || "
        "coalesce(extract(epoch from pg_stat_get_bgwriter_stat_reset_time())::text, ''), "
        "(select coalesce(max(transaction_id), 0) from events)");
    Moment moment;
    tx.visit([&](const RowView& row) { moment.seen = {std::string(row.text(0)), row.integer(1)}; }, sql);
    return moment;
}

// What `seen` doesn't show was written by transactions later than the latest it shows, or by those that still
// ran: both are found by the log's key, however long somebody's oldest transaction runs. Not by those behind
// its end: up to there it shows also what was rolled back, and a standby that is promoted, like a server that
// crashed, gives such numbers again.
Database::News PostgresDatabase::news_since(Tx& tx, const Moment& moment, int limit) {
    static constexpr Sql sql(
        "select id, type, subject, payload, created_at from events "
        "where transaction_id > $2 and id > $4 "
        "and pg_visible_in_snapshot(transaction_id::text::xid8, (select $3::text::pg_snapshot)) "
        "union all select id, type, subject, payload, created_at from events "
        "where transaction_id = any (array(select running.xid::text::bigint "
        "from pg_snapshot_xip($1::text::pg_snapshot) as running(xid))) and transaction_id <= $2 and id > $4 "
        "and pg_visible_in_snapshot(transaction_id::text::xid8, (select $3::text::pg_snapshot)) "
        "order by id limit $5");
    // The plan that was made for a short log would read all of a long one.
    static constexpr Sql sql_by_key("set local enable_seqscan = off");
    const Seen& seen = moment.seen;
    Seen until = moment.until ? *moment.until : this_moment(tx).seen;
    tx.run(sql_by_key);
    News news{tx.list<Event>(sql, snapshot_of(seen.snapshot), seen.latest, snapshot_of(until.snapshot),
                             moment.id, limit),
              {}};
    if (news.events.size() < static_cast<std::size_t>(limit)) {
        news.moment.seen = std::move(until);
    } else {
        news.moment = {seen, std::move(until), news.events.back().id};
    }
    return news;
}

void PostgresDatabase::serve(ConnectionPtr connection) {
    core::name_thread("postgres");
    on_worker = true;
    std::vector<Job*> jobs;
    while (queue_.take(jobs, 1)) {
        run(*jobs[0], connection);
        queue_.done(1);
        answer(jobs);
        jobs.clear();
    }
}

// Runs the job until it is done, or until trying again makes no sense. Afterwards it holds its outcome.
void PostgresDatabase::run(Job& job, ConnectionPtr& connection) {
    int conflicts = 0;
    int losses = 0;
    auto give_up_at = steady_clock::time_point::max();
    for (;;) {
        try {
            if (!connection) connection = std::make_unique<PostgresConnection>(url_);
            if (away_ && away_.exchange(false)) spdlog::info("postgres: connected again");
            run_once(job, *connection);
            return;
        } catch (const RunAgain& conflict) {
            connection->rollback();
            ++retries_;
            if (++conflicts == conflicts_max) {
                spdlog::warn("postgres: gave up after {} conflicts: {}", conflicts, conflict.what());
                job.result = refused();
                return;
            }
            std::this_thread::sleep_for(wait_before(conflicts, conflict_wait_first, conflict_wait_last));
        } catch (const ConnectionLost& lost) {
            connection.reset();
            if (!away_.exchange(true)) spdlog::error("{}", lost.what());
            if (lost.outcome_unknown) {
                job.failed = std::current_exception();
                return;
            }
            ++retries_;
            if (losses++ == 0) give_up_at = steady_clock::now() + reconnect_for;
            if (closing_ || steady_clock::now() > give_up_at) {
                job.result = refused();
                return;
            }
            if (losses > 1)
                std::this_thread::sleep_for(wait_before(losses, reconnect_wait_first, reconnect_wait_last));
        } catch (...) {
            job.failed = std::current_exception();
            if (connection) connection->rollback();
            return;
        }
    }
}

// What goes wrong on the way to a constraint is told by the connection, not by what the work made of it.
void PostgresDatabase::run_once(Job& job, PostgresConnection& connection) {
    connection.begin(job.use);
    Tx tx(connection, clock_.now());
    try {
        try {
            job.result = job.work(tx);
        } catch (...) {
            connection.throw_failure();
            throw;
        }
        connection.throw_failure();
        if (!job.result) {
            connection.rollback();
            return;
        }
        connection.commit();
    } catch (const ConstraintViolation& violation) {
        connection.rollback();
        job.result = error_of(violation);
        return;
    }
    if (job.use == Use::read) return;
    ++writes_;
    listeners_.tell(tx.appended_events());
    if (!tx.appended_events().empty()) news_.tell_others();
}

}  // namespace

std::unique_ptr<Database> open_postgres(const Options& options, const core::Clock& clock) {
    try {
        return std::make_unique<PostgresDatabase>(options, clock);
    } catch (const ConnectionLost& lost) {
        throw std::runtime_error(
            std::string(lost.what()) +
            "\nSee that the server is running, and that address, user and password in the URL are right.");
    }
}

}  // namespace store
