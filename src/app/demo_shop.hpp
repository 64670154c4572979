// `kontor demo`: the demo shop, loaded through the rooms' own rules.
#pragma once

#include "app/app.hpp"

namespace app {

// Loads what is in `folder` (demo/ of the project) into the configured database. Running it again changes
// nothing.
int load_demo(const Config& config, const std::filesystem::path& folder);

// True if anybody can sign in with the passwords that stand in the demo's source.
bool has_demo_accounts(store::Tx& tx);

// Lines that tell a newcomer how to sign in to the demo shop; none if this isn't one.
std::vector<std::string> demo_logins(App& app);

}  // namespace app
