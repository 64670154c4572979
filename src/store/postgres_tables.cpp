// PostgreSQL's tables through COPY in its binary form: numbers as eight bytes, texts as they are, nothing to
// quote; and one statement for a table, so that rows may refer to later ones.
#include "store/postgres.hpp"
#include "store/tables.hpp"

#include <libpq-fe.h>

#include <bit>

namespace store {
namespace {

using Received = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr std::string_view signature{"PGCOPY\n\377\r\n\0", 11};
constexpr std::size_t header_bytes = signature.size() + 8;  // and two numbers that are 0 here
constexpr std::int16_t no_more_rows = -1;
constexpr std::int32_t null_length = -1;
constexpr std::size_t sent_bytes = 256 << 10;  // at a time

[[noreturn]] void fail(PGconn* connection, std::string_view doing) {
    std::string_view message = PQerrorMessage(connection);
    throw std::runtime_error(
        "postgres: " + std::string(message.substr(0, message.find_last_not_of('\n') + 1)) +
        " in: " + std::string(doing));
}

Received run(PGconn* connection, const std::string& sql, ExecStatusType expected) {
    Received result(PQexec(connection, sql.c_str()), PQclear);
    if (PQresultStatus(result.get()) != expected) fail(connection, sql);
    return result;
}

std::string quoted_name(const std::string& name) {
    return "\"" + name + "\"";
}

template <class Number>
Number in_network_order(Number number) {
    return std::endian::native == std::endian::little ? std::byteswap(number) : number;
}

template <class Number>
void append(std::string& out, Number number) {
    number = in_network_order(number);
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// What comes of a COPY, as one stream of bytes.
class Incoming {
public:
    explicit Incoming(PGconn* connection) : connection_(connection) {}

    std::string_view take(std::size_t length) {
        while (buffer_.size() - at_ < length)
            receive();
        at_ += length;
        return std::string_view(buffer_).substr(at_ - length, length);
    }
    template <class Number>
    Number number() {
        Number number;
        std::memcpy(&number, take(sizeof number).data(), sizeof number);
        return in_network_order(number);
    }
    void finish() {
        char* bytes = nullptr;
        while (PQgetCopyData(connection_, &bytes, 0) > 0)
            PQfreemem(bytes);
        while (Received result{PQgetResult(connection_), PQclear}) {
            if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail(connection_, "copy");
        }
    }

private:
    void receive() {
        buffer_.erase(0, at_);
        at_ = 0;
        char* bytes = nullptr;
        const int length = PQgetCopyData(connection_, &bytes, 0);
        if (length <= 0) fail(connection_, "copy");
        buffer_.append(bytes, static_cast<std::size_t>(length));
        PQfreemem(bytes);
    }

    PGconn* connection_;
    std::string buffer_;
    std::size_t at_ = 0;
};

class PostgresRows final : public Rows {
public:
    PostgresRows(PGconn* connection, const Table& table) : incoming_(connection), columns_(table.columns) {
        run(connection, text_of(table), PGRES_COPY_OUT);
        if (!incoming_.take(header_bytes).starts_with(signature))
            throw std::runtime_error("postgres: the answer to a COPY has another form");
    }
    ~PostgresRows() override {
        try {
            if (!ended_) incoming_.finish();
        } catch (const std::exception& failure) {
            spdlog::debug("{}", failure.what());
        }
    }

    bool next(Values& row) override {
        if (ended_) return false;
        if (incoming_.number<std::int16_t>() == no_more_rows) {
            ended_ = true;
            incoming_.finish();
            return false;
        }
        row.resize(columns_.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto length = incoming_.number<std::int32_t>();
            if (length == null_length) {
                row[i] = std::monostate{};
            } else if (columns_[i].is_text) {
                row[i] = std::string(incoming_.take(static_cast<std::size_t>(length)));
            } else {
                row[i] = incoming_.number<std::int64_t>();
            }
        }
        return true;
    }

private:
    static std::string text_of(const Table& table) {
        std::string order;
        for (const std::string& column : table.key) {
            const bool is_text = table.columns[table.place_of(column)].is_text;
            order += (order.empty() ? " order by " : ", ") + quoted_name(column);
            if (is_text) order += " collate \"C\"";
        }
        return "copy (select " + names_of(table.columns) + " from " + quoted_name(table.name) + order +
               ") to stdout (format binary)";
    }

    Incoming incoming_;
    const std::vector<Column> columns_;
    bool ended_ = false;
};

class PostgresTables final : public Tables {
public:
    PostgresTables(const std::string& url, TablesUse use) : connection_(connect_postgres(url), PQfinish) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) fail(connection_.get(), "connect");
        execute("set idle_in_transaction_session_timeout = 0; set client_min_messages = warning");
        if (use == TablesUse::write) {
            execute("begin");
            execute("select pg_advisory_xact_lock(" + std::to_string(migration_lock) + ")");
        } else {
            execute("begin isolation level repeatable read, read only");
            execute("select 1");  // a snapshot is taken by the first statement
        }
    }

    std::vector<Table> list() override;
    std::unique_ptr<Rows> read(const Table& table) override {
        return std::make_unique<PostgresRows>(connection_.get(), table);
    }
    std::int64_t write(const Table& table, Rows& rows) override;
    void empty(const Table& table) override { execute("delete from " + quoted_name(table.name)); }
    std::int64_t last_number(const Table& table) override;
    void set_last_number(const Table& table, std::int64_t number) override;
    void commit() override { execute("commit"); }

private:
    Received execute(const std::string& sql) {
        Received result(PQexec(connection_.get(), sql.c_str()), PQclear);
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(connection_.get(), sql);
        return result;
    }
    // The first column of what a query finds.
    std::vector<std::string> ask(const std::string& sql) {
        Received result = execute(sql);
        std::vector<std::string> texts;
        for (int row = 0; row < PQntuples(result.get()); ++row)
            texts.emplace_back(PQgetvalue(result.get(), row, 0));
        return texts;
    }
    void describe(Table& table);
    void send(std::string& bytes);

    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

std::vector<Table> PostgresTables::list() {
    std::vector<Table> tables;
    for (std::string& name :
         ask("select c.relname from pg_class c where c.relnamespace = current_schema()::regnamespace "
             "and c.relkind = 'r' and c.relname <> 'schema_migrations' order by 1")) {
        describe(tables.emplace_back(Table{.name = std::move(name)}));
    }
    return in_order_of_reference(std::move(tables));
}

std::string of_other_type(const std::string& table, const std::string& column, const std::string& type) {
    return "postgres: " + table + "." + column + " is a " + type;
}

void PostgresTables::describe(Table& table) {
    const std::string oid = "'" + quoted_name(table.name) + "'::regclass";
    Received columns = execute(
        "select attname, format_type(atttypid, null), attidentity <> '' from pg_attribute "
        "where attrelid = " +
        oid +
        " and attnum > 0 and not attisdropped "
        "and attgenerated = '' order by attnum");
    for (int row = 0; row < PQntuples(columns.get()); ++row) {
        const std::string name = PQgetvalue(columns.get(), row, 0);
        const std::string type = PQgetvalue(columns.get(), row, 1);
        if (type != "text" && type != "bigint") throw std::logic_error(of_other_type(table.name, name, type));
        table.columns.push_back({name, type == "text"});
        if (PQgetvalue(columns.get(), row, 2)[0] == 't') table.numbered = name;
    }
    table.key =
        ask("select a.attname from pg_index i cross join unnest(i.indkey) with ordinality k (number, place) "
            "join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number "
            "where i.indisprimary and i.indrelid = " +
            oid + " order by k.place");
    table.refers_to =
        ask("select distinct c.relname from pg_constraint f join pg_class c on c.oid = f.confrelid "
            "where f.contype = 'f' and f.conrelid = " +
            oid);
}

std::int64_t PostgresTables::write(const Table& table, Rows& rows) {
    run(connection_.get(),
        "copy " + quoted_name(table.name) + " (" + names_of(table.columns) + ") from stdin (format binary)",
        PGRES_COPY_IN);
    std::string bytes(signature);
    bytes.append(header_bytes - signature.size(), '\0');
    std::int64_t count = 0;
    for (Values row; rows.next(row); ++count) {
        append(bytes, static_cast<std::int16_t>(row.size()));
        for (const Value& value : row) {
            if (auto* number = std::get_if<std::int64_t>(&value)) {
                append(bytes, static_cast<std::int32_t>(sizeof *number));
                append(bytes, *number);
            } else if (auto* text = std::get_if<std::string>(&value)) {
                append(bytes, static_cast<std::int32_t>(text->size()));
                bytes += *text;
            } else {
                append(bytes, null_length);
            }
        }
        if (bytes.size() >= sent_bytes) send(bytes);
    }
    append(bytes, no_more_rows);
    send(bytes);
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) fail(connection_.get(), "copy " + table.name);
    Received result(PQgetResult(connection_.get()), PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail(connection_.get(), "copy " + table.name);
    while (Received rest{PQgetResult(connection_.get()), PQclear}) {
    }
    return count;
}

void PostgresTables::send(std::string& bytes) {
    if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1)
        fail(connection_.get(), "copy");
    bytes.clear();
}

std::int64_t PostgresTables::last_number(const Table& table) {
    const auto sequence =
        ask("select pg_get_serial_sequence('" + quoted_name(table.name) + "', '" + table.numbered + "')")
            .front();
    return std::stoll(
        ask("select case when is_called then last_value else last_value - 1 end from " + sequence).front());
}

void PostgresTables::set_last_number(const Table& table, std::int64_t number) {
    execute("select setval(pg_get_serial_sequence('" + quoted_name(table.name) + "', '" + table.numbered +
            "'), greatest(1, " + std::to_string(number) + "), " + (number > 0 ? "true" : "false") + ")");
}

}  // namespace

std::unique_ptr<Tables> open_postgres_tables(const std::string& url, TablesUse use) {
    return std::make_unique<PostgresTables>(url, use);
}

}  // namespace store
