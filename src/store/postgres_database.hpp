// The engine for many nodes: a pool of threads with a connection each.
#pragma once

#include "store/database.hpp"

namespace store {

// Throws std::runtime_error if the server of `options.url` can't be reached.
std::unique_ptr<Database> open_postgres(const Options& options, const core::Clock& clock);

}  // namespace store
