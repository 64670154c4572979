// `kontor backup`, `kontor backup verify`, `kontor restore`. Each returns the exit code: 0 done, 1 not.
#pragma once

#include "app/config.hpp"

namespace app {

// Into `into`, or else where the configuration says.
int take_backup(const Config& config, const std::filesystem::path& into);
int verify_backup(const Config& config, const std::filesystem::path& folder);
// To where the configuration says the shop lives. `at`: a moment, of a folder that a shop was shipped to;
// empty: the newest.
int restore_backup(const Config& config, const std::filesystem::path& folder, const std::string& at);

}  // namespace app
