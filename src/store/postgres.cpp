#include "store/postgres.hpp"

#include "store/sql_text.hpp"
#include "store/statements.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <bit>

namespace store {
namespace {

constexpr int format_text = 0;
constexpr int format_binary = 1;

constexpr char begin_write[] = "begin_write";
constexpr char begin_read[] = "begin_read";
constexpr char commit_name[] = "commit";
constexpr char rollback_name[] = "rollback";

// Statements under way at once, so that neither side fills its buffers.
constexpr std::size_t pending_max = 256;

std::int64_t big_endian(std::int64_t value) {
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

class PostgresRow final : public RowView {
public:
    explicit PostgresRow(const PGresult* result) : result_(result) {}
    int row = 0;

    bool is_null(int column) const override { return PQgetisnull(result_, row, column) != 0; }
    std::int64_t integer(int column) const override {
        auto digits = text(column);
        std::int64_t value = 0;
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (is_null(column)) return 0;
        if (error != std::errc() || end != digits.data() + digits.size()) {
            throw std::runtime_error("postgres: not an integer: " + std::string(digits));
        }
        return value;
    }
    std::string_view text(int column) const override {
        return {PQgetvalue(result_, row, column),
                static_cast<std::size_t>(PQgetlength(result_, row, column))};
    }

private:
    const PGresult* result_;
};

// Returns how many rows there are.
int visit_rows(const PGresult* result, const Connection::Visit& visit) {
    PostgresRow row(result);
    const int rows = PQntuples(result);
    if (!visit) return rows;
    for (; row.row < rows; ++row.row)
        visit(row);
    return rows;
}

bool is_good(const PGresult* result) {
    auto status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

std::string_view field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text ? text : "";
}

// A serialization failure or a deadlock.
bool is_conflict(std::string_view state) {
    return state == "40001" || state == "40P01";
}

// libpq's messages end their lines.
std::string trimmed(std::string_view message) {
    return std::string(message.substr(0, message.find_last_not_of('\n') + 1));
}

// A node that stands still inside a transaction must not hold its locks for ever, nor one whose machine is
// gone: the server looks whether it is still there. Rules never pause, so a busy machine is far from it.
// Short queries gain nothing from JIT.
constexpr char session_settings[] =
    "set idle_in_transaction_session_timeout = '5s'; set jit = off; set client_min_messages = warning;"
    "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3;"
    "set tcp_user_timeout = 20000;"
    "set default_transaction_isolation = 'read committed'; set default_transaction_read_only = off";

}  // namespace

PostgresConnection::PostgresConnection(const std::string& url) : connection_(connect_postgres(url)) {
    try {
        if (PQstatus(connection_) != CONNECTION_OK) {
            throw ConnectionLost("postgres: " + trimmed(PQerrorMessage(connection_)), false);
        }
        if (PQserverVersion(connection_) < 140000) {
            throw std::runtime_error("The PostgreSQL server is too old: version 14 or newer is needed.");
        }
        PQsetNoticeProcessor(
            connection_, [](void*, const char* text) { spdlog::debug("postgres: {}", text); }, nullptr);
        PQenterPipelineMode(connection_);
        run_script(session_settings);
        prepare_fixed(begin_write, "begin");
        prepare_fixed(begin_read, "begin isolation level repeatable read, read only");
        prepare_fixed(commit_name, "commit");
        prepare_fixed(rollback_name, "rollback");
        send_sync();
        receive_all();
        throw_failure();
    } catch (...) {
        PQfinish(connection_);
        throw;
    }
}

PostgresConnection::~PostgresConnection() {
    PQfinish(connection_);
}

void PostgresConnection::lose(const std::string& why) {
    lost_ = true;
    bool unknown = commit_sent_ && use_ == Use::write && !failure_;
    ConnectionLost lost("postgres: the connection was lost: " + why, unknown);
    failure_ = std::make_exception_ptr(lost);
    throw lost;
}

void PostgresConnection::prepare_fixed(const char* name, const char* sql) {
    if (!PQsendPrepare(connection_, name, sql, 0, nullptr)) lose(trimmed(PQerrorMessage(connection_)));
    pending_.push_back({.sql = sql});
}

void PostgresConnection::send_prepare(Prepared& statement, std::string_view sql) {
    auto types = statement.types();
    auto count = static_cast<int>(types.size());
    if (!PQsendPrepare(connection_, statement.name.c_str(), sql.data(), count, types.data())) {
        lose(trimmed(PQerrorMessage(connection_)));
    }
    statement.ready = true;  // unless its answer says otherwise
    pending_.push_back({.preparing = &statement, .sql = sql});
}

void PostgresConnection::send_fixed(const char* name) {
    send(name, {}, {.sql = name});
}

void PostgresConnection::send(const char* name, std::span<const Param> params, Pending pending) {
    values_.clear();
    lengths_.clear();
    formats_.clear();
    integers_.clear();
    lists_.clear();
    integers_.reserve(params.size());  // values_ points into these two
    lists_.reserve(params.size());
    auto add = [this](const char* value, std::size_t length, int format) {
        values_.push_back(value);
        lengths_.push_back(static_cast<int>(length));
        formats_.push_back(format);
    };
    for (auto& param : params) {
        switch (param.kind) {
            case Param::Kind::null: add(nullptr, 0, format_text); break;
            case Param::Kind::integer: {
                auto& value = integers_.emplace_back(big_endian(param.integer));
                add(reinterpret_cast<const char*>(&value), sizeof value, format_binary);
                break;
            }
            case Param::Kind::text:
                add(param.text.data() ? param.text.data() : "", param.text.size(), format_binary);
                break;
            case Param::Kind::text_list: {
                auto& list = lists_.emplace_back(postgres_array(param.list));
                add(list.c_str(), list.size(), format_text);
                break;
            }
        }
    }
    if (!PQsendQueryPrepared(connection_, name, static_cast<int>(params.size()), values_.data(),
                             lengths_.data(), formats_.data(), format_text)) {
        lose(trimmed(PQerrorMessage(connection_)));
    }
    pending_.push_back(std::move(pending));
}

void PostgresConnection::send_sync() {
    if (!PQpipelineSync(connection_)) lose(trimmed(PQerrorMessage(connection_)));
    pending_.push_back({.sync = true});
}

void PostgresConnection::queue(Sql sql, std::span<const Param> params, Visit visit) {
    throw_failure();
    ++statements_run;
    if (!begun_) {
        send_fixed(use_ == Use::write ? begin_write : begin_read);
        begun_ = true;
    }
    auto& statement = statements_.fitting(sql, params);
    if (!statement.ready) send_prepare(statement, sql.text());
    send(statement.name.c_str(), params, {.sql = sql.text(), .visit = std::move(visit)});
}

std::int64_t PostgresConnection::run(Sql sql, std::span<const Param> params, const Visit& visit) {
    queue(sql, params);
    send_sync();
    while (pending_.size() > 2)
        receive();
    auto result = receive();
    receive_all();
    throw_failure();
    const int rows = visit_rows(result.get(), visit);
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) return rows;
    std::string_view changed = PQcmdTuples(result.get());
    std::int64_t count = 0;
    std::from_chars(changed.data(), changed.data() + changed.size(), count);
    return count;
}

PostgresConnection::Ticket PostgresConnection::run_later(Sql sql, std::span<const Param> params,
                                                         Visit visit) {
    queue(sql, params, std::move(visit));
    const Ticket ticket = received_ + pending_.size();
    if (pending_.size() >= pending_max) settle_all();
    return ticket;
}

void PostgresConnection::settle(Ticket ticket) {
    throw_failure();
    if (received_ < ticket) settle_all();
}

void PostgresConnection::settle_all() {
    send_sync();
    receive_all();
    throw_failure();
}

void PostgresConnection::run_script(std::string_view script) {
    if (!pending_.empty()) settle_all();
    PQexitPipelineMode(connection_);
    Received result(PQexec(connection_, std::string(script).c_str()), PQclear);
    PQenterPipelineMode(connection_);
    if (PQstatus(connection_) != CONNECTION_OK) lose(trimmed(PQerrorMessage(connection_)));
    if (is_good(result.get())) return;
    const auto message = trimmed(PQresultErrorMessage(result.get()));
    if (is_conflict(field(result.get(), PG_DIAG_SQLSTATE))) throw RunAgain(message);
    throw std::runtime_error("postgres: " + message + " in: " + std::string(script));
}

void PostgresConnection::begin(Use use) {
    use_ = use;
    failure_ = nullptr;
    // A server that went away while nothing ran is noticed here, where nothing is sent yet and all can be
    // done again.
    pollfd socket{PQsocket(connection_), POLLRDHUP, 0};
    if (poll(&socket, 1, 0) != 0) lose("the server closed it");
}

void PostgresConnection::throw_failure() const {
    if (failure_) std::rethrow_exception(failure_);
}

void PostgresConnection::commit() {
    throw_failure();
    if (!begun_) return;
    // The caller of a read has all it asked for.
    bool nothing_open = use_ == Use::read && pending_.empty();
    send_fixed(commit_name);
    commit_sent_ = true;
    send_sync();
    if (nothing_open) {
        for (auto& pending : pending_)
            pending.ignored = true;
    } else {
        receive_all();
    }
    commit_sent_ = false;
    throw_failure();
    begun_ = false;
}

void PostgresConnection::rollback() noexcept {
    if (!begun_ || lost_) return;
    begun_ = false;
    try {
        // After an error the server skips everything up to the next sync.
        send_sync();
        send_fixed(rollback_name);
        send_sync();
        for (auto& pending : pending_)
            pending.ignored = true;
    } catch (const ConnectionLost&) {
    }
}

PostgresConnection::Received PostgresConnection::receive() {
    auto pending = std::move(pending_.front());
    pending_.pop_front();
    ++received_;
    Received result(PQgetResult(connection_), PQclear);
    if (!result || PQstatus(connection_) != CONNECTION_OK) lose(trimmed(PQerrorMessage(connection_)));
    if (pending.sync) {
        if (PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) lose("answers are out of step");
        return result;
    }
    // A null ends the answer to each statement.
    while (Received rest{PQgetResult(connection_), PQclear}) {
    }
    bool good = is_good(result.get());
    if (pending.preparing) pending.preparing->ready = good;
    bool skipped = PQresultStatus(result.get()) == PGRES_PIPELINE_ABORTED;
    if (pending.ignored || failure_) return result;
    if (!good && !skipped) failure_ = failure_in(result.get(), pending);
    if (good && pending.visit) {
        try {
            visit_rows(result.get(), pending.visit);
        } catch (...) {
            failure_ = std::current_exception();  // thrown once the answers behind it are received
        }
    }
    return result;
}

void PostgresConnection::receive_all() {
    while (!pending_.empty())
        receive();
}

std::exception_ptr PostgresConnection::failure_in(pg_result* result, const Pending& pending) {
    auto state = field(result, PG_DIAG_SQLSTATE);
    auto message = trimmed(PQresultErrorMessage(result));
    if (is_conflict(state)) return std::make_exception_ptr(RunAgain(message));
    if (state == "23505" || state == "23514") {
        return std::make_exception_ptr(
            ConstraintViolation(std::string(field(result, PG_DIAG_CONSTRAINT_NAME))));
    }
    // The server is shutting down, or has dropped us for hanging inside a transaction; or statements prepared
    // here are gone or don't fit a schema changed meanwhile. A new connection helps against all of them.
    bool stale_plan = state == "26000" || (state == "0A000" && message.contains("cached plan"));
    if (state.starts_with("08") || state.starts_with("57P") || state == "25P03" || stale_plan) lose(message);
    return std::make_exception_ptr(std::runtime_error("postgres: " + message + " (" + std::string(state) +
                                                      ") in: " + std::string(pending.sql)));
}

PGconn* connect_postgres(const std::string& url) {
    // What the URL says wins over these. A server that vanished is noticed within half a minute.
    const char* keys[] = {"connect_timeout",           "keepalives_idle",  "keepalives_interval",
                          "keepalives_count",          "tcp_user_timeout", "client_encoding",
                          "fallback_application_name", "dbname",           nullptr};
    const char* values[] = {"5", "10", "5", "3", "20000", "UTF8", "kontor", url.c_str(), nullptr};
    return PQconnectdbParams(keys, values, 1);
}

bool postgres_answers(const std::string& url) {
    const char* keys[] = {"connect_timeout", "dbname", nullptr};
    const char* values[] = {"2", url.c_str(), nullptr};
    return PQpingParams(keys, values, 1) == PQPING_OK;
}

}  // namespace store
