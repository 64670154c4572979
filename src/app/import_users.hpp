// `kontor import users`: accounts of another shop, with a progress bar and what is wrong with which line.
#pragma once

#include "app/app.hpp"

namespace app {

// 0 if every row went in, or was there; 1 if some didn't.
int import_users(const Config& config, const std::filesystem::path& file, bool with_roles);

}  // namespace app
