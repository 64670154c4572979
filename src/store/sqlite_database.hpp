// The embedded engine: one file, one writer thread, readers in place.
#pragma once

#include "store/database.hpp"

namespace store {

// Creates the file, and its folder, if they are missing. Throws std::runtime_error.
std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file, const Options& options,
                                      const core::Clock& clock);

}  // namespace store
