#include "store/sqlite.hpp"

#include "store/sql_text.hpp"
#include "store/statements.hpp"

#include <sqlite3.h>

#include <mutex>
#include <thread>

namespace store {
namespace {

constexpr Sql sql_begin("begin");
constexpr Sql sql_begin_write("begin immediate");
constexpr Sql sql_commit("commit");
constexpr Sql sql_rollback("rollback");
constexpr Sql sql_savepoint("savepoint part");
constexpr Sql sql_release("release part");
constexpr Sql sql_rollback_part("rollback to part");

// Counting every allocation takes a lock that all connections would share.
void configure_library() {
    static std::once_flag once;
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

class SqliteRow final : public RowView {
public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
    bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
    std::string_view text(int column) const override {
        auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

private:
    sqlite3_stmt* statement_;
};

struct ResetAtEnd {
    sqlite3_stmt* statement;
    ~ResetAtEnd() { sqlite3_reset(statement); }
};

}  // namespace

SqliteConnection::SqliteConnection(const std::filesystem::path& file, Use use,
                                   std::chrono::milliseconds busy_timeout) {
    configure_library();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (use == Use::read ? 0 : SQLITE_OPEN_CREATE);
    int code = sqlite3_open_v2(file.c_str(), &database_, flags, nullptr);
    if (code != SQLITE_OK) {
        std::string why = database_ ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
        sqlite3_close_v2(database_);
        throw std::runtime_error("can't open the database file " + file.string() + ": " + why +
                                 ". Does its folder exist, and may this user write there?");
    }
    try {
        sqlite3_extended_result_codes(database_, 1);
        sqlite3_busy_timeout(database_, static_cast<int>(busy_timeout.count()));
        // "name" means a column and nothing else: SQLite would read a misspelt one as a string.
        sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
        sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        // No mapped pages: each commit would have every reader unmap the file, which all threads' page faults
        // wait for.
        run_script("pragma temp_store = memory; pragma synchronous = full");
        if (use == Use::read) {
            run_script("pragma query_only = on; pragma cache_size = -4096");
        } else {
            begin_log(busy_timeout);
            // The log file keeps its size up to 64 MB: overwriting costs a third of the fsync that growing
            // does.
            run_script("pragma journal_size_limit = 67108864; pragma cache_size = -16384");
            // Checkpoints run beside the batches and between them (sqlite_database.cpp).
            auto note_size = [](void* self, sqlite3*, const char*, int pages) {
                auto* connection = static_cast<SqliteConnection*>(self);
                connection->log_pages_ = pages;
                ++connection->log_commits_;
                return SQLITE_OK;
            };
            sqlite3_wal_hook(database_, note_size, this);
        }
        // Off in migrations, which may rebuild a table that others refer to; they check all keys at their
        // end.
        run_script(use == Use::migrate ? "pragma foreign_keys = off" : "pragma foreign_keys = on");
    } catch (...) {
        sqlite3_close_v2(database_);
        throw;
    }
}

// Of several who make a new file's log at once, SQLite tells all but one that it is locked, without waiting:
// they hold what the others wait for.
void SqliteConnection::begin_log(std::chrono::milliseconds busy_timeout) {
    constexpr std::chrono::milliseconds pause{2};
    const auto give_up_at = std::chrono::steady_clock::now() + busy_timeout;
    for (;;) {
        try {
            return run_script("pragma journal_mode = wal");
        } catch (const SqliteBusy&) {
            if (std::chrono::steady_clock::now() > give_up_at) throw;
        }
        std::this_thread::sleep_for(pause);
    }
}

SqliteConnection::~SqliteConnection() {
    rollback();
    for (auto& [text, statement] : statements_)
        sqlite3_finalize(statement.handle);
    sqlite3_close_v2(database_);
}

SqliteConnection::Statement& SqliteConnection::prepared(Sql sql) {
    auto& statement = statements_[sql.text().data()];
    if (statement.handle) return statement;
    auto text = for_sqlite(sql.text());
    const char* rest = nullptr;
    check(sqlite3_prepare_v3(database_, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                             &statement.handle, &rest),
          sql.text());
    statement.parameters = sqlite3_bind_parameter_count(statement.handle);
    // BEGIN, COMMIT and SAVEPOINT count as read-only here, as they should; BEGIN IMMEDIATE doesn't.
    statement.changes = !sqlite3_stmt_readonly(statement.handle);
    return statement;
}

void SqliteConnection::bind(const Statement& statement, std::span<const Param> params) {
    int index = 0;
    for (auto& param : params) {
        ++index;
        int code = SQLITE_OK;
        switch (param.kind) {
            case Param::Kind::null: code = sqlite3_bind_null(statement.handle, index); break;
            case Param::Kind::integer:
                code = sqlite3_bind_int64(statement.handle, index, param.integer);
                break;
            case Param::Kind::text:
                // A null pointer would bind NULL, but an empty string_view means an empty text.
                code =
                    sqlite3_bind_text64(statement.handle, index, param.text.data() ? param.text.data() : "",
                                        param.text.size(), SQLITE_STATIC, SQLITE_UTF8);
                break;
            case Param::Kind::text_list: {
                auto list = json_array(param.list);
                code = sqlite3_bind_text64(statement.handle, index, list.data(), list.size(),
                                           SQLITE_TRANSIENT, SQLITE_UTF8);
                break;
            }
        }
        check(code, sqlite3_sql(statement.handle));
    }
}

std::int64_t SqliteConnection::run(Sql sql, std::span<const Param> params, const Visit& visit) {
    ++statements_run;
    auto& statement = prepared(sql);
    if (static_cast<std::size_t>(statement.parameters) != params.size()) {
        throw std::logic_error("a statement takes " + std::to_string(statement.parameters) +
                               " parameters, not " + std::to_string(params.size()) + ": " +
                               std::string(sql.text()));
    }
    if (statement.changes) mark_part();
    ResetAtEnd reset{statement.handle};
    bind(statement, params);
    SqliteRow row(statement.handle);
    std::int64_t rows = 0;
    for (;;) {
        int code = sqlite3_step(statement.handle);
        if (code == SQLITE_DONE) break;
        if (code != SQLITE_ROW) fail(code, sql.text());
        ++rows;
        if (visit) visit(row);
    }
    bool has_rows = sqlite3_column_count(statement.handle) > 0;
    return has_rows || !statement.changes ? rows : sqlite3_changes64(database_);
}

void SqliteConnection::run_script(std::string_view script) {
    check(sqlite3_exec(database_, std::string(script).c_str(), nullptr, nullptr, nullptr), script);
}

void SqliteConnection::begin_read() {
    run(sql_begin, {}, {});
}

void SqliteConnection::begin_write() {
    part_changed_ =
        true;  // unlike BEGIN, BEGIN IMMEDIATE counts as a change; a savepoint must not come before it
    run(sql_begin_write, {}, {});
    changed_ = false;
}

void SqliteConnection::commit() {
    run(sql_commit, {}, {});
}

void SqliteConnection::rollback() noexcept {
    if (!in_transaction()) return;
    try {
        run(sql_rollback, {}, {});
    } catch (const std::exception& error) {
        spdlog::error("sqlite: rollback failed: {}", error.what());
    }
}

bool SqliteConnection::in_transaction() const {
    return !sqlite3_get_autocommit(database_);
}

void SqliteConnection::begin_part() {
    part_changed_ = part_marked_ = false;
}

void SqliteConnection::mark_part() {
    if (part_changed_) return;
    part_changed_ = true;
    if (changed_) {
        run(sql_savepoint, {}, {});
        part_marked_ = true;
    }
    changed_ = true;
}

void SqliteConnection::end_part() {
    if (part_marked_) run(sql_release, {}, {});
}

void SqliteConnection::undo_part() {
    if (!part_changed_) return;
    if (part_marked_) {
        run(sql_rollback_part, {}, {});
        run(sql_release, {}, {});
    } else {
        run(sql_rollback, {}, {});
        begin_write();
    }
}

void SqliteConnection::checkpoint() {
    const int code =
        sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK && code != SQLITE_BUSY) fail(code, "checkpoint");
}

// By SQLite's own handle: closing another one of the file would drop the locks that this process has on it.
void SqliteConnection::sync_database() {
    sqlite3_file* file = nullptr;
    check(sqlite3_file_control(database_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)),
          "file handle");
    check(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), "fsync");
}

void SqliteConnection::fail(int code, std::string_view doing) {
    std::string message = sqlite3_errmsg(database_);
    constexpr std::string_view unique = "UNIQUE constraint failed: ";
    constexpr std::string_view check = "CHECK constraint failed: ";
    std::string_view rest = message;
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            if (rest.starts_with(unique))
                throw ConstraintViolation(unique_index_over(rest.substr(unique.size())));
            break;
        case SQLITE_CONSTRAINT_CHECK:
            if (rest.starts_with(check)) throw ConstraintViolation(std::string(rest.substr(check.size())));
            break;
        default: break;
    }
    message = "sqlite: " + message + " (" + std::to_string(code) + ") in: " + std::string(doing);
    if (code == SQLITE_BUSY) throw SqliteBusy(message);
    if (code == SQLITE_IOERR_FSYNC) throw SqliteUnflushed(message);
    throw std::runtime_error(message);
}

// SQLite tells "users.email_key" or "orders.shop, orders.number", or for an index over expressions "index
// 'name'".
std::string SqliteConnection::unique_index_over(std::string_view columns) {
    if (columns.starts_with("index '")) return std::string(columns.substr(7, columns.size() - 8));
    std::string table(columns.substr(0, columns.find('.')));
    static constexpr Sql sql_indexes(
        "select l.name, l.origin, (select group_concat($1 || '.' || i.name, ', ') from "
        "pragma_index_info(l.name) i) "
        "from pragma_index_list($1) l where l.\"unique\" = 1");
    std::string found = table + "_pkey";
    Param param{Param::Kind::text, 0, table, {}};
    run(sql_indexes, {&param, 1}, [&](const RowView& row) {
        if (row.text(1) != "pk" && row.text(2) == columns) found = row.text(0);
    });
    return found;
}

SqliteStatement::SqliteStatement(SqliteConnection& connection, std::string text)
    : connection_(connection), text_(std::move(text)) {
    connection_.check(sqlite3_prepare_v2(connection_.database_, text_.c_str(), -1, &handle_, nullptr), text_);
}

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(handle_);
}

void SqliteStatement::begin(const Values& values) {
    sqlite3_reset(handle_);
    for (int index = 1; const Value& value : values) {
        int code = SQLITE_OK;
        if (auto* number = std::get_if<std::int64_t>(&value)) {
            code = sqlite3_bind_int64(handle_, index, *number);
        } else if (auto* text = std::get_if<std::string>(&value)) {
            code =
                sqlite3_bind_text64(handle_, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
        } else {
            code = sqlite3_bind_null(handle_, index);
        }
        connection_.check(code, text_);
        ++index;
    }
}

bool SqliteStatement::step() {
    const int code = sqlite3_step(handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) connection_.fail(code, text_);
    return code == SQLITE_ROW;
}

Value SqliteStatement::value(int column) const {
    switch (sqlite3_column_type(handle_, column)) {
        case SQLITE_NULL: return {};
        case SQLITE_INTEGER: return sqlite3_column_int64(handle_, column);
        case SQLITE_TEXT: {
            auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
            return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
        }
        default:
            throw std::runtime_error("sqlite: something else than a number or a text in the column " +
                                     std::string(sqlite3_column_name(handle_, column)) + " of: " + text_);
    }
}

SqliteCopy::SqliteCopy(SqliteConnection& from, const std::filesystem::path& to) {
    if (sqlite3_open(to.c_str(), &target_) == SQLITE_OK)
        copying_ = sqlite3_backup_init(target_, "main", from.database_, "main");
    if (copying_) return;
    const std::string why = sqlite3_errmsg(target_);
    sqlite3_close_v2(target_);
    throw std::runtime_error("can't write " + to.string() + ": " + why);
}

SqliteCopy::~SqliteCopy() {
    sqlite3_backup_finish(copying_);
    sqlite3_close_v2(target_);
}

bool SqliteCopy::step(int pages) {
    const int code = sqlite3_backup_step(copying_, pages);
    if (code != SQLITE_OK && code != SQLITE_DONE)
        throw std::runtime_error(std::string("can't copy the database: ") + sqlite3_errstr(code));
    return code == SQLITE_OK;
}

}  // namespace store
