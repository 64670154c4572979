// One connection to PostgreSQL for transactions; postgres_news.hpp has the one that listens, and
// postgres_tables.cpp one that moves whole shops. Only the three's .cpp files include libpq-fe.h.
//
// Always in libpq's pipeline mode: BEGIN and the statements nobody waits for travel with the next one that
// somebody waits for, or with COMMIT, so that a transaction costs a round trip for each answer it looks at
// and one for its end. Whatever somebody waits for ends with a Sync: only behind one does the server count
// how long a transaction is idle. Statements are prepared once and kept. A connection belongs to one thread.
#pragma once

#include "store/job.hpp"
#include "store/postgres_statements.hpp"

#include <deque>

struct pg_conn;
struct pg_result;

namespace store {

struct ConnectionLost : std::runtime_error {
    ConnectionLost(const std::string& why, bool unknown)
        : std::runtime_error(why), outcome_unknown(unknown) {}
    bool outcome_unknown;  // COMMIT was on its way: it may have happened or not
};

class PostgresConnection final : public Connection {
public:
    // Throws ConnectionLost if the server can't be reached, std::runtime_error if it is of no use.
    explicit PostgresConnection(const std::string& url);
    ~PostgresConnection() override;
    PostgresConnection(const PostgresConnection&) = delete;
    PostgresConnection& operator=(const PostgresConnection&) = delete;

    std::int64_t run(Sql sql, std::span<const Param> params, const Visit& visit) override;
    Ticket run_later(Sql sql, std::span<const Param> params, Visit visit) override;
    void settle(Ticket ticket) override;
    // Several statements without parameters, and those that refuse to run in a transaction if none is open.
    void run_script(std::string_view script);

    // A write is READ COMMITTED, a read one snapshot (REPEATABLE READ, READ ONLY). Sent with the first
    // statement.
    void begin(Use use);
    // What went wrong so far, even if the work has swallowed the exception.
    void throw_failure() const;
    // Of a write: returns once it is durable. Of a read: doesn't wait for the answer.
    void commit();
    void rollback() noexcept;

private:
    struct Pending {
        Prepared* preparing = nullptr;
        std::string_view sql;
        bool sync = false;
        bool ignored = false;  // nobody cares about its rows and errors
        Visit visit = {};
    };
    using Received = std::unique_ptr<pg_result, void (*)(pg_result*)>;

    [[noreturn]] void lose(const std::string& why);
    void prepare_fixed(const char* name, const char* sql);
    void send_prepare(Prepared& statement, std::string_view sql);
    void send_fixed(const char* name);
    void send(const char* name, std::span<const Param> params, Pending pending);
    void send_sync();
    void queue(Sql sql, std::span<const Param> params, Visit visit = {});
    Received receive();
    void receive_all();
    void settle_all();
    std::exception_ptr failure_in(pg_result* result, const Pending& pending);

    pg_conn* connection_ = nullptr;
    PreparedStatements statements_;
    std::deque<Pending> pending_;
    Ticket received_ = 0;  // answers so far; the ticket of a statement is how many there are with its own
    std::exception_ptr failure_;
    Use use_ = Use::read;
    bool begun_ = false;        // BEGIN is sent and its end is not
    bool commit_sent_ = false;  // and the answer is not here
    bool lost_ = false;

    // Reused by send().
    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
    std::vector<std::int64_t> integers_;
    std::vector<std::string> lists_;
};

// The advisory lock of whoever changes the schema, or fills it with a whole shop: any number that no other
// program on the same database uses.
inline constexpr std::int64_t migration_lock = 0x6b6f6e746f72;  // "kontor"

// With the timeouts that every connection of ours has. Never null; PQstatus() tells whether it works.
pg_conn* connect_postgres(const std::string& url);

// Whether a server answers at this URL. Takes 2 s at most.
bool postgres_answers(const std::string& url);

}  // namespace store
