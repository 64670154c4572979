// The one door to stored data. Open it with a URL, then hand functions over a Tx to read() or write().
//
// SQLite: WAL, synchronous=FULL; one writer thread that runs queued writes in one transaction (each in a
// savepoint of its own) and answers them after one fsync; reads run in place on a connection of the calling
// thread. PostgreSQL: a pool of threads with a connection each; writes are READ COMMITTED and retried with
// jitter after serialization failures and deadlocks (40001, 40P01).
#pragma once

#include "store/migrations.hpp"
#include "store/tx.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>

namespace store {

struct Options {
    std::string url;  // "sqlite:PATH" or "postgres://…"
    unsigned postgres_connections =
        12;  // for writes and reads together; more than cores, so that commits share fsyncs
    std::size_t queue_max = 4096;                  // writes waiting; one more is answered `overloaded`
    std::chrono::milliseconds busy_timeout{5000};  // how long to wait for a lock another process holds
};

// Told of every committed event of this process, after the commit and before the write's caller hears of it.
// The events' ids are 0 here. Runs on a store thread, on PostgreSQL on several at once: must be quick and
// must not throw.
using CommitListener = std::function<void(std::span<const Event>)>;

namespace detail {
// A result of any type on its way through the engine; write() and read() below put the type back.
class Box {
public:
    Box() = default;
    template <class T>
    static Box of(T value) {
        Box box;
        box.held_ = {new T(std::move(value)), [](void* held) { delete static_cast<T*>(held); }};
        return box;
    }
    template <class T>
    T& as() {
        return *static_cast<T*>(held_.get());
    }
    explicit operator bool() const { return held_ != nullptr; }

private:
    std::unique_ptr<void, void (*)(void*)> held_{nullptr, [](void*) {}};
};
}  // namespace detail

using detail::Box;

// A unit of work: runs inside a transaction, may run again from the start, touches nothing but its Tx and its
// own captures (which it must overwrite, not add to). An error rolls back.
using Work = std::function<core::Result<Box>(Tx&)>;

class Database {
public:
    // Opens, but doesn't migrate. Throws std::runtime_error with what to do about it.
    static std::unique_ptr<Database> open(const Options& options, const core::Clock& clock);
    virtual ~Database() = default;

    virtual std::string_view engine() const = 0;  // "sqlite" or "postgres"

    // Brings the schema up to date under a lock. Throws if the database is newer than this program or a
    // recorded migration has changed since it ran.
    virtual void migrate(std::span<const Migration> migrations) = 0;

    // Resumes on the executor of the calling coroutine. Errors: what the work returned; the code of a
    // violated constraint; `overloaded` when the queue is full. Exceptions of the work and broken I/O are
    // rethrown.
    virtual boost::asio::awaitable<core::Result<Box>> write(Work work) = 0;
    // A consistent snapshot; writes inside it fail.
    virtual boost::asio::awaitable<core::Result<Box>> read(Work work) = 0;

    // The same for callers that may block: the command line, followers, tests. Never from inside a work.
    virtual core::Result<Box> write_now(const Work& work) = 0;
    virtual core::Result<Box> read_now(const Work& work) = 0;

    // True if read_now() neither blocks nor leaves the calling thread's core (SQLite).
    virtual bool reads_in_place() const = 0;

    // Cheap proof that the database answers. Blocks for a second at most.
    virtual bool reachable() = 0;

    virtual void on_commit(CommitListener listener) = 0;

    // Other programs on the same database, which only PostgreSQL has. `ring` is called when they may have
    // committed events, within milliseconds while hears_others() is true. Rings can be missed: look now and
    // then as well. Runs on a store thread, so must be quick; call it before the writes that it is about.
    virtual void on_news(std::function<void()> /*ring*/) {}
    // A word to those of them that listen now; kept nowhere and lost now and then. For what is stale in a
    // moment, as that somebody types. Longer than whisper_bytes_max: a std::logic_error.
    static constexpr std::size_t whisper_bytes_max = 4000;  // PostgreSQL carries less than 8000
    virtual void whisper(std::string /*word*/) {}
    virtual void on_whisper(std::function<void(std::string_view word)> /*hear*/) {}
    virtual bool hears_others() const { return true; }

    // Events after `after` in an order that never gains an earlier one later, at most `limit`. Call inside a
    // Tx.
    struct Position {
        std::int64_t transaction = 0;  // PostgreSQL's transaction id; 0 on SQLite
        std::int64_t id = 0;
    };
    struct LoggedEvent {
        Position position;
        Event event;
    };
    virtual std::vector<LoggedEvent> events_after(Tx& tx, Position after, int limit) = 0;
    // The place of the last event that events_after() would give now.
    virtual Position last_event(Tx& tx) = 0;
    // The lowest id of the events committed after `after`, of those too that events_after() holds back until
    // an older transaction ends.
    virtual std::optional<std::int64_t> lowest_id_after(Tx& tx, Position after) = 0;

    // The log for those who want every event as soon as it is committed and keep no place in it over a
    // restart: nobody's running transaction holds it back. What one look has seen is a moment.
    struct Seen {
        std::string snapshot = {};  // PostgreSQL's
        std::int64_t latest = 0;    // the greatest id of the transactions whose events it shows
    };
    struct Moment {
        Seen seen = {};                  // what it shows was given
        std::optional<Seen> until = {};  // what is being given in pages
        std::int64_t id = 0;             // the last one given of it; on SQLite of all
    };
    struct News {
        std::vector<Event> events;  // by id: of two about the same thing the one committed first comes first
        Moment moment;
    };
    virtual Moment this_moment(Tx& tx) = 0;
    // Events committed after `moment`, at most `limit`; as many as that: there may be more.
    virtual News news_since(Tx& tx, const Moment& moment, int limit) = 0;

    // Writes waiting or running; on PostgreSQL reads as well, which wait for the same connections.
    virtual std::size_t queue_length() const = 0;
    // The pool of connections to a database server. SQLite has none.
    struct Connections {
        std::size_t busy = 0;  // run a transaction, or connect for one
        std::size_t idle = 0;
    };
    virtual std::optional<Connections> connections() const { return std::nullopt; }
    // Commits and writes committed so far: their ratio is the size of a group.
    struct Counts {
        std::uint64_t commits = 0;
        std::uint64_t writes = 0;
        std::uint64_t retries = 0;
    };
    virtual Counts counts() const = 0;
};

template <class F>
using ResultOf = std::invoke_result_t<F&, Tx&>;

namespace detail {

template <class T>
struct ResultValue {
    using type = T;
    static constexpr bool fallible = false;
};
template <class T>
struct ResultValue<core::Result<T>> {
    using type = T;
    static constexpr bool fallible = true;
};

struct Nothing {};
template <class T>
using Held = std::conditional_t<std::is_void_v<T>, Nothing, T>;

template <class F>
Work boxed(F& work) {
    using R = ResultOf<F>;
    using T = typename ResultValue<R>::type;
    return [&work](Tx& tx) -> core::Result<Box> {
        if constexpr (ResultValue<R>::fallible) {
            R result = work(tx);
            if (!result) return std::unexpected(std::move(result.error()));
            if constexpr (std::is_void_v<T>) {
                return Box::of(Nothing{});
            } else {
                return Box::of<T>(std::move(*result));
            }
        } else if constexpr (std::is_void_v<R>) {
            work(tx);
            return Box::of(Nothing{});
        } else {
            return Box::of<T>(work(tx));
        }
    };
}

template <class F>
auto unboxed(core::Result<Box> result) {
    using T = typename ResultValue<ResultOf<F>>::type;
    using Answer = core::Result<T>;
    if (!result) return Answer(std::unexpected(std::move(result.error())));
    if constexpr (std::is_void_v<T>) {
        return Answer{};
    } else {
        return Answer(std::move(result->template as<T>()));
    }
}

}  // namespace detail

// Typed fronts of the above: `auto order = write_now(db, [&](Tx& tx) { return place(tx); })` is a
// Result<Order>. F returns core::Result<T>, or a plain T that always commits.
template <class F>
auto write_now(Database& database, F work) {
    return detail::unboxed<F>(database.write_now(detail::boxed(work)));
}

template <class F>
auto read_now(Database& database, F work) {
    return detail::unboxed<F>(database.read_now(detail::boxed(work)));
}

template <class F>
auto write(Database& database, F work)
    -> boost::asio::awaitable<core::Result<typename detail::ResultValue<ResultOf<F>>::type>> {
    auto result = co_await database.write(detail::boxed(work));
    co_return detail::unboxed<F>(std::move(result));
}

template <class F>
auto read(Database& database, F work)
    -> boost::asio::awaitable<core::Result<typename detail::ResultValue<ResultOf<F>>::type>> {
    auto result = co_await database.read(detail::boxed(work));
    co_return detail::unboxed<F>(std::move(result));
}

}  // namespace store
