// Copies of a SQLite database, and SQLite's own opinion of one.
#pragma once

#include "store/tx.hpp"

#include <filesystem>

namespace store {

// Writes the database of `url` ("sqlite:PATH") to the new file `to` as of one instant, while others read and
// write it. Throws std::runtime_error.
void copy_sqlite(const std::string& url, const std::filesystem::path& to);

// What integrity_check and foreign_key_check find in the database of `tx`; reads all of it.
std::vector<std::string> find_sqlite_faults(Tx& tx);

}  // namespace store
