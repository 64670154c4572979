#include "store/database.hpp"

#include "store/postgres_database.hpp"
#include "store/sqlite_database.hpp"

namespace store {

std::unique_ptr<Database> Database::open(const Options& options, const core::Clock& clock) {
    std::string_view url = options.url;
    constexpr std::string_view sqlite = "sqlite:";
    if (url.starts_with(sqlite) && url.size() > sqlite.size()) {
        return open_sqlite(url.substr(sqlite.size()), options, clock);
    }
    if (url.starts_with("postgres://") || url.starts_with("postgresql://"))
        return open_postgres(options, clock);
    throw std::runtime_error("The database must be given as sqlite:PATH or postgres://….");
}

}  // namespace store
