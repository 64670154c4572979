#include "app/env_file.hpp"

#include <fstream>

namespace app {
namespace {

std::string unquoted(std::string_view value) {
    bool quoted =
        value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'');
    return std::string(quoted ? value.substr(1, value.size() - 2) : value);
}

}  // namespace

std::map<std::string, std::string> read_env_file(const std::filesystem::path& file) {
    std::map<std::string, std::string> values;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.ends_with('\r')) line.pop_back();
        std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string::npos) continue;
        values[line.substr(0, equals)] = unquoted(std::string_view(line).substr(equals + 1));
    }
    return values;
}

}  // namespace app
