#include "backup/copy.hpp"

#include "backup/checksums.hpp"
#include "backup/comparison.hpp"
#include "backup/places.hpp"

#include "store/database.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace backup {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using store::Table;
using store::Tables;
using store::Values;

constexpr std::string_view sqlite_prefix = "sqlite:";
constexpr const char* unfinished = ".part";
// What migrations themselves write: no sign of a shop.
constexpr const char* seeded_table = "catalog_lock";
constexpr const char* log_table = "events";
constexpr const char* transaction_column =
    "transaction_id";  // PostgreSQL's log has it, and SQLite's needs none

// Columns that hold places in the event log: cursors, and the id of an event that another row stands for.
struct CursorColumns {
    const char* table;
    const char* transaction;
    const char* id;
};
constexpr std::array cursor_columns{CursorColumns{"followers", "transaction_id", "event_id"},
                                    CursorColumns{"webhook_endpoints", "cursor_transaction", "cursor_event"}};
constexpr const char* deliveries_table = "webhook_deliveries";
constexpr const char* event_column = "log_id";

bool is_sqlite(const std::string& url) {
    return url.starts_with(sqlite_prefix);
}

fs::path file_of(const std::string& url) {
    return url.substr(sqlite_prefix.size());
}

// A table as each engine has it, and what a row of the source is at the target.
struct Pair {
    Table from;
    Table to;
    std::function<void(Values&)> change;
};

class Copying {
public:
    Copying(Tables& from, Tables& to, bool to_sqlite) : from_(from), to_(to), to_sqlite_(to_sqlite) {}

    void run(const std::function<void(const CopiedTable&)>& tell);

private:
    void check_version();
    void pair_tables();
    Pair paired(Table from, Table to);
    void refuse_a_shop();
    void find_places_in_log();
    std::function<void(Values&)> change_of(const Table& from) const;
    std::int64_t last_number(const Pair& pair);

    Tables& from_;
    Tables& to_;
    const bool to_sqlite_;
    std::vector<Pair> pairs_;  // in an order in which they can be written
    Places places_;            // to SQLite only: PostgreSQL takes each place as it is, before all of its own
};

// The columns of both, by SQLite's key: there it is the one that numbers a table, if any does.
Pair Copying::paired(Table from, Table to) {
    const Table& sqlite = to_sqlite_ ? to : from;
    Table& postgres = to_sqlite_ ? from : to;
    if (sqlite.name == log_table) std::erase(postgres.columns, store::Column{transaction_column, false});
    const auto sorted = [](std::vector<store::Column> columns) {
        std::ranges::sort(columns, {}, &store::Column::name);
        return columns;
    };
    if (sorted(from.columns) != sorted(to.columns))
        throw std::runtime_error(
            "The table " + from.name +
            " has other columns than this version of Kontor gives it. Nothing was copied.");
    postgres.columns = sqlite.columns;
    postgres.key = sqlite.key;
    // Written at last, so that the other columns keep their places.
    if (postgres.name == log_table) postgres.columns.push_back({transaction_column, false});
    return {std::move(from), std::move(to), {}};
}

// Rows mean the same only in the same schema.
void Copying::check_version() {
    const Table migrations{.name = "schema_migrations",
                           .columns = {{"name", true}},
                           .key = {"name"},
                           .refers_to = {},
                           .numbered = {}};
    std::vector<std::string> names;
    auto rows = from_.read(migrations);
    for (Values row; rows->next(row);)
        names.push_back(std::get<std::string>(row[0]));
    if (!std::ranges::equal(names, store::all_migrations(), {}, {}, &store::Migration::name))
        throw std::runtime_error(
            "The source was last served by another version of Kontor. Bring it up to date with "
            "`kontor migrate` of this version first, or copy it with its own.");
}

void Copying::pair_tables() {
    std::vector<Table> sources = from_.list();
    for (Table& to : to_.list()) {
        auto from = std::ranges::find(sources, to.name, &Table::name);
        if (from == sources.end()) throw std::runtime_error("The source has no table " + to.name + ".");
        pairs_.push_back(paired(std::move(*from), std::move(to)));
        sources.erase(from);
    }
    if (!sources.empty())
        throw std::runtime_error("The source has a table that Kontor doesn't know, " + sources.front().name +
                                 ". Take it out first: it would be lost.");
}

void Copying::refuse_a_shop() {
    for (const Pair& pair : pairs_) {
        if (pair.to.name == seeded_table) {
            to_.empty(pair.to);
            continue;
        }
        Values row;
        if (to_.read(pair.to)->next(row))
            throw std::runtime_error("There is a shop at the target already: the table " + pair.to.name +
                                     " has rows. Give an empty database.");
    }
}

void Copying::find_places_in_log() {
    std::vector<Position> log;
    std::vector<Position> cursors;
    std::int64_t last = 0;
    const auto collect = [&](const Table& table, const char* transaction, const char* id, auto& into) {
        const Table places{.name = table.name,
                           .columns = {{transaction, false}, {id, false}},
                           .key = {},
                           .refers_to = {},
                           .numbered = {}};
        auto rows = from_.read(places);
        for (Values row; rows->next(row);)
            into.push_back({std::get<std::int64_t>(row[0]), std::get<std::int64_t>(row[1])});
    };
    for (const Pair& pair : pairs_) {
        if (pair.from.name == log_table) {
            collect(pair.from, transaction_column, pair.from.key.front().c_str(), log);
            last = from_.last_number(pair.from);
        }
        for (const CursorColumns& columns : cursor_columns) {
            if (pair.from.name == columns.table) collect(pair.from, columns.transaction, columns.id, cursors);
        }
    }
    places_ = find_places(std::move(log), cursors, last);
}

std::function<void(Values&)> Copying::change_of(const Table& from) const {
    if (!to_sqlite_) {
        if (from.name == log_table) return [](Values& row) { row.emplace_back(std::int64_t{0}); };
        return [](Values&) {};
    }
    const auto number = [](Values& row, std::size_t at) -> std::int64_t& {
        return std::get<std::int64_t>(row[at]);
    };
    if (from.name == log_table) {
        return [this, number, id = from.place_of(from.key.front())](Values& row) {
            number(row, id) = places_.id_of(number(row, id));
            row.pop_back();
        };
    }
    if (from.name == deliveries_table) {
        return [this, number, id = from.place_of(event_column)](Values& row) {
            number(row, id) = places_.id_of(number(row, id));
        };
    }
    for (const CursorColumns& columns : cursor_columns) {
        if (from.name != columns.table) continue;
        return [this, number, transaction = from.place_of(columns.transaction),
                id = from.place_of(columns.id)](Values& row) {
            number(row, id) = places_.cursors.at({number(row, transaction), number(row, id)});
            number(row, transaction) = 0;
        };
    }
    return [](Values&) {};
}

std::int64_t Copying::last_number(const Pair& pair) {
    const std::int64_t last = from_.last_number(pair.from);
    return pair.from.name == log_table ? std::max(last, places_.last) : last;
}

void Copying::run(const std::function<void(const CopiedTable&)>& tell) {
    check_version();
    pair_tables();
    refuse_a_shop();
    if (to_sqlite_) find_places_in_log();
    std::map<std::string, std::chrono::milliseconds> writing;
    const auto since = [](steady_clock::time_point began) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
    };
    for (Pair& pair : pairs_) {
        const auto began = steady_clock::now();
        pair.change = change_of(pair.from);
        ChangedRows rows(from_.read(pair.from), pair.to, pair.change);
        to_.write(pair.to, rows);
        if (!pair.to.numbered.empty()) to_.set_last_number(pair.to, last_number(pair));
        writing[pair.to.name] = since(began);
    }
    for (const Pair& pair : pairs_) {
        const auto began = steady_clock::now();
        ChangedRows expected(from_.read(pair.from), pair.to, pair.change);
        const std::int64_t rows = compare(pair.to, expected, *to_.read(pair.to));
        if (!pair.to.numbered.empty() && to_.last_number(pair.to) != last_number(pair))
            throw std::runtime_error("The numbers of " + pair.to.name + " would not go on where they were.");
        tell({pair.to.name, rows, writing[pair.to.name] + since(began)});
    }
}

void migrate(const std::string& url, const core::Clock& clock) {
    store::Options options;
    options.url = url;
    options.postgres_connections = 1;
    store::Database::open(options, clock)->migrate(store::all_migrations());
}

}  // namespace

Copied copy(const std::string& from, const std::string& to, const core::Clock& clock,
            const std::function<void(const CopiedTable&)>& tell) {
    if (is_sqlite(from) == is_sqlite(to))
        throw std::runtime_error(
            "Give --from and --to as sqlite:PATH and postgres://…, one of each. Within one engine "
            "`kontor backup` and `kontor restore` move a shop.");
    auto source = store::open_tables(from, store::TablesUse::read);
    const core::Time as_of = clock.now();
    std::string target = to;
    if (is_sqlite(to)) {
        if (fs::exists(file_of(to)))
            throw std::runtime_error("There is a file " + file_of(to).string() + " already. Give a new one.");
        target += unfinished;
        fs::remove(file_of(target));  // what an interrupted copy left
    }
    migrate(target, clock);
    {
        auto written = store::open_tables(target, store::TablesUse::write);
        Copying(*source, *written, is_sqlite(to)).run(tell);
        written->commit();
    }
    if (is_sqlite(to)) {
        fs::rename(file_of(target), file_of(to));
        flush(fs::absolute(file_of(to)).parent_path());
    }
    return {as_of};
}

}  // namespace backup
