#include "store/sqlite_copy.hpp"

#include "store/sqlite.hpp"

namespace store {
namespace {

constexpr std::chrono::seconds busy_timeout{5};

}  // namespace

void copy_sqlite(const std::string& url, const std::filesystem::path& to) {
    constexpr Sql sql_copy("vacuum into $1");
    const std::filesystem::path from = url.substr(std::string_view("sqlite:").size());
    if (!std::filesystem::exists(from))
        throw std::runtime_error("There is no database in " + from.string() + " to copy.");
    SqliteConnection connection(from, SqliteConnection::Use::write, busy_timeout);
    const std::string target = to.string();
    const Param params[] = {param(target)};
    connection.run(sql_copy, params, {});
}

std::vector<std::string> find_sqlite_faults(Tx& tx) {
    static constexpr Sql sql_integrity(
        "select integrity_check from pragma_integrity_check(100) where integrity_check <> 'ok'");
    static constexpr Sql sql_keys(
        "select 'a row of ' || \"table\" || ' refers to a missing one of ' || parent "
        "from pragma_foreign_key_check limit 100");
    auto faults = tx.list<std::string>(sql_integrity);
    std::ranges::move(tx.list<std::string>(sql_keys), std::back_inserter(faults));
    return faults;
}

}  // namespace store
