// All tables of a database as rows of values, for moving a shop from one engine to the other: what
// `kontor copy` reads, writes and compares. Two implementations: sqlite_tables.cpp and postgres_tables.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace store {

// A value by what it is, not as an engine writes it: null, a number or a text.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Values = std::vector<Value>;

struct Column {
    std::string name;
    bool is_text = false;  // else a 64-bit integer

    friend bool operator==(const Column&, const Column&) = default;
};

struct Table {
    std::string name;
    std::vector<Column> columns;         // that hold what was written; generated ones follow from them
    std::vector<std::string> key;        // names of columns that tell its rows apart; none: any order
    std::vector<std::string> refers_to;  // other tables
    std::string numbered;                // the column that the engine gives numbers to; empty: none

    std::size_t place_of(const std::string& column) const;  // in `columns`
};

class Rows {
public:
    virtual ~Rows() = default;
    // Puts the next row into `row`, a value for each column; false at the end.
    virtual bool next(Values& row) = 0;
};

// One transaction over everything: reads see the instant at which it was opened, and nothing that is written
// stays unless commit() is reached. Everything throws std::runtime_error. The Rows that read() gives must end
// before this, and before the next read().
class Tables {
public:
    virtual ~Tables() = default;

    // What can be copied, those first that others refer to; not `schema_migrations`.
    virtual std::vector<Table> list() = 0;
    // Its rows by key, texts in the order of their bytes.
    virtual std::unique_ptr<Rows> read(const Table& table) = 0;
    // Rows that refer to each other may come in any order. Returns how many they were.
    virtual std::int64_t write(const Table& table, Rows& rows) = 0;
    virtual void empty(const Table& table) = 0;

    // The last number that was given out for the column `numbered`, also to a row that is gone; 0: none.
    virtual std::int64_t last_number(const Table& table) = 0;
    virtual void set_last_number(const Table& table, std::int64_t number) = 0;

    virtual void commit() = 0;
};

enum class TablesUse { read, write };

// The database must exist, and have its schema if it is written to. While one is open for writing on
// PostgreSQL, no server starts there: it waits for its turn to migrate.
std::unique_ptr<Tables> open_tables(const std::string& url, TablesUse use);

// For the two above and for tests.
std::unique_ptr<Tables> open_sqlite_tables(const std::filesystem::path& file, TablesUse use);
std::unique_ptr<Tables> open_postgres_tables(const std::string& url, TablesUse use);

// Behind all that they refer to.
std::vector<Table> in_order_of_reference(std::vector<Table> tables);
// "a, b"
std::string names_of(const std::vector<Column>& columns);

}  // namespace store
