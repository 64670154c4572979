// The clock of the database's server: the one that all nodes of a shop can compare theirs with. Called by
// app/.
#pragma once

#include "store/database.hpp"

#include <optional>

namespace store {

// At this moment, not at the transaction's. Empty on SQLite, which has no clock but ours.
std::optional<core::Time> find_server_time(const Database& database, Tx& tx);

}  // namespace store
