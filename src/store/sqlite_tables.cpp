#include "store/sqlite.hpp"
#include "store/tables.hpp"

namespace store {
namespace {

constexpr std::chrono::seconds busy_timeout{10};

struct ColumnRow {
    std::string name;
    std::string type;
    std::int64_t key = 0;  // from 1: its place in the primary key
};
BOOST_DESCRIBE_STRUCT(ColumnRow, (), (name, type, key))

class SqliteRows final : public Rows {
public:
    SqliteRows(SqliteConnection& connection, const Table& table)
        : statement_(connection, text_of(table)), columns_(table.columns) {
        statement_.begin({});
    }

    bool next(Values& row) override {
        if (!statement_.step()) return false;
        row.resize(columns_.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i] = statement_.value(static_cast<int>(i));
            const bool fits = columns_[i].is_text ? !std::holds_alternative<std::int64_t>(row[i])
                                                  : !std::holds_alternative<std::string>(row[i]);
            if (!fits)
                throw std::runtime_error("sqlite: a value in " + columns_[i].name + " has another type");
        }
        return true;
    }

private:
    static std::string text_of(const Table& table) {
        std::string order;
        for (const std::string& column : table.key)
            order += (order.empty() ? " order by \"" : ", \"") + column + "\"";
        return "select " + names_of(table.columns) + " from \"" + table.name + "\"" + order;
    }

    SqliteStatement statement_;
    const std::vector<Column> columns_;
};

class SqliteTables final : public Tables {
public:
    SqliteTables(const std::filesystem::path& file, TablesUse use)
        : connection_(file, use_of(use), busy_timeout), writes_(use == TablesUse::write) {
        writes_ ? connection_.begin_write() : connection_.begin_read();
        static constexpr Sql sql_any("select count(*) from sqlite_schema");
        connection_.run(sql_any, {}, {});  // a read begins with its first statement
    }

    std::vector<Table> list() override;
    std::unique_ptr<Rows> read(const Table& table) override {
        return std::make_unique<SqliteRows>(connection_, table);
    }
    std::int64_t write(const Table& table, Rows& rows) override;
    void empty(const Table& table) override { connection_.run_script("delete from \"" + table.name + "\""); }
    std::int64_t last_number(const Table& table) override;
    void set_last_number(const Table& table, std::int64_t number) override;
    void commit() override;

private:
    // Keys are checked once, at the end.
    static SqliteConnection::Use use_of(TablesUse use) {
        return use == TablesUse::write ? SqliteConnection::Use::migrate : SqliteConnection::Use::read;
    }
    void describe(Table& table);

    SqliteConnection connection_;
    const bool writes_;
};

std::vector<Table> SqliteTables::list() {
    static constexpr Sql sql(
        "select name, coalesce(sql like '%autoincrement%', 0) from sqlite_schema "
        "where type = 'table' and name not like 'sqlite\\_%' escape '\\' and name <> 'schema_migrations' "
        "order by name");
    std::vector<Table> tables;
    std::vector<bool> numbered;
    connection_.run(sql, {}, [&](const RowView& row) {
        tables.push_back({.name = std::string(row.text(0))});
        numbered.push_back(row.integer(1) != 0);
    });
    for (std::size_t i = 0; i < tables.size(); ++i) {
        describe(tables[i]);
        if (numbered[i]) tables[i].numbered = tables[i].key.front();
    }
    return in_order_of_reference(std::move(tables));
}

void SqliteTables::describe(Table& table) {
    static constexpr Sql sql_columns(
        "select name, lower(type), pk from pragma_table_xinfo($1) where hidden = 0 order by cid");
    static constexpr Sql sql_references("select distinct \"table\" from pragma_foreign_key_list($1)");
    Tx tx(connection_, {});
    std::vector<ColumnRow> key;
    for (ColumnRow& column : tx.list<ColumnRow>(sql_columns, table.name)) {
        if (column.type != "text" && column.type != "bigint" && column.type != "integer")
            throw std::logic_error("sqlite: " + table.name + "." + column.name + " is a " + column.type);
        table.columns.push_back({column.name, column.type == "text"});
        if (column.key > 0) key.push_back(std::move(column));
    }
    if (key.empty()) throw std::logic_error("sqlite: the table " + table.name + " has no primary key");
    std::ranges::sort(key, {}, &ColumnRow::key);
    for (ColumnRow& column : key)
        table.key.push_back(std::move(column.name));
    table.refers_to = tx.list<std::string>(sql_references, table.name);
}

std::int64_t SqliteTables::write(const Table& table, Rows& rows) {
    std::string places;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        places += i == 0 ? "?" : ", ?";
    SqliteStatement insert(connection_, "insert into \"" + table.name + "\" (" + names_of(table.columns) +
                                            ") values (" + places + ")");
    std::int64_t count = 0;
    for (Values row; rows.next(row); ++count) {
        insert.begin(row);
        insert.step();
    }
    return count;
}

std::int64_t SqliteTables::last_number(const Table& table) {
    static constexpr Sql sql("select coalesce(max(seq), 0) from sqlite_sequence where name = $1");
    return Tx(connection_, {}).get<std::int64_t>(sql, table.name);
}

void SqliteTables::set_last_number(const Table& table, std::int64_t number) {
    static constexpr Sql sql_forget("delete from sqlite_sequence where name = $1");
    static constexpr Sql sql_note("insert into sqlite_sequence (name, seq) values ($1, $2)");
    Tx tx(connection_, {});
    tx.run(sql_forget, table.name);
    tx.run(sql_note, table.name, number);
}

void SqliteTables::commit() {
    static constexpr Sql sql_broken("select count(*) from pragma_foreign_key_check");
    if (writes_ && Tx(connection_, {}).get<std::int64_t>(sql_broken) > 0)
        throw std::runtime_error("Rows refer to missing ones. Nothing was written.");
    connection_.commit();
}

}  // namespace

std::unique_ptr<Tables> open_sqlite_tables(const std::filesystem::path& file, TablesUse use) {
    if (!std::filesystem::exists(file))
        throw std::runtime_error("There is no database in " + file.string() + ".");
    return std::make_unique<SqliteTables>(file, use);
}

}  // namespace store
