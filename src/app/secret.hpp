// The secret that seals signing keys: from the settings, or made once and kept in the data folder.
#pragma once

#include "auth/settings.hpp"

#include <filesystem>
#include <string>

namespace app {

// `configured` may be empty: then <data>/secret is read, or made readable for its owner alone. Throws
// std::runtime_error if the file can't be read or written.
auth::Secret load_secret(const std::string& configured, const std::filesystem::path& data);

}  // namespace app
