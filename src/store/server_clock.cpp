#include "store/server_clock.hpp"

namespace store {

std::optional<core::Time> find_server_time(const Database& database, Tx& tx) {
    if (database.engine() != "postgres") return {};
    return tx.find<core::Time>("select (extract(epoch from clock_timestamp()) * 1000)::bigint");
}

}  // namespace store
