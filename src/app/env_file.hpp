// The .env file of the folder that the program is started in.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace app {

// KEY=VALUE lines; '#' begins a comment line. A file that isn't there holds nothing.
std::map<std::string, std::string> read_env_file(const std::filesystem::path& file);

}  // namespace app
