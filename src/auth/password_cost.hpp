// What one Argon2id hash may cost (SE-2): never under OWASP's floor; more passes where the machine does that
// many in the time that a log-in may take. Measured at the first start and kept in the database.
#pragma once

#include "auth/settings.hpp"

#include "store/database.hpp"

namespace auth {

struct PasswordCost {
    std::size_t memory_kib = 0;
    unsigned passes = 0;
};

// The stored cost; measures and stores it if there is none for these settings. Blocks for a fraction of a
// second.
PasswordCost ready_password_cost(store::Database& database, const Settings& settings);

// As many passes as fit into `target`, but at least `passes_min`.
unsigned measure_passes(std::size_t memory_kib, unsigned passes_min, std::chrono::milliseconds target);

}  // namespace auth
