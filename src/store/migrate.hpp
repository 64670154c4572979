// The part of Database::migrate() that both engines share. Each calls it inside a transaction that keeps
// every other process from migrating at the same time.
#pragma once

#include "store/migrations.hpp"
#include "store/tx.hpp"

namespace store {

using RunScript = std::function<void(std::string_view)>;

// Runs those that `schema_migrations` doesn't list, each by `run_script`, and lists them with their checksum.
// `text` picks the engine's text. True if there was one to run. Throws std::runtime_error, with what to do,
// if the database has a migration that this program doesn't know or that has changed since it ran.
bool apply_migrations(Tx& tx, std::span<const Migration> migrations, std::string_view Migration::* text,
                      const RunScript& run_script);

}  // namespace store
