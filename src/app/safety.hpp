// What is unsafe about how a shop is set up: `kontor doctor` tells of it, and with KONTOR_ENV=production
// nothing opens or serves it.
#pragma once

#include "app/config.hpp"

#include "store/database.hpp"

namespace app {

struct Finding {
    std::string what;
    std::string what_to_do;
};
using Findings = std::vector<Finding>;

// Looks at the settings alone, so that nothing is sealed under a secret that others know.
Findings find_unsafe_settings(const Config& config);
// Looks at who can sign in.
Findings find_unsafe_accounts(store::Database& database);

// Throws std::runtime_error with all of them, if there are any and the shop is in production.
void refuse_in_production(const Config& config, const Findings& findings);

}  // namespace app
