// Backups of a whole shop, taken while it serves: one folder with the database as of one instant, the
// pictures, the secret that seals what is stored sealed, and the checksums of all of them. The command line
// uses it, and the schedule of a server that was told to take backups.
//
//   <folder>/about.json       format, version of Kontor, engine, instant
//   <folder>/database.sqlite  or database.dump, as pg_dump writes it
//   <folder>/media/… chat/…   the pictures, by name
//   <folder>/secret           if the shop keeps it in its data folder
//   <folder>/SHA256SUMS       as sha256sum writes and checks it
#pragma once

#include "core/described.hpp"
#include "core/money.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "store/database.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace backup {

// Where a shop lives.
struct Place {
    std::filesystem::path data;
    std::string database;  // "sqlite:PATH" or "postgres://…"
};

enum class Engine { sqlite, postgres };
BOOST_DESCRIBE_ENUM(Engine, sqlite, postgres)

struct About {
    core::Int<1, 1000> format;
    core::Text<1, 40> kontor;  // version
    Engine engine = Engine::sqlite;
    core::Time taken_at;
};
BOOST_DESCRIBE_STRUCT(About, (), (format, kontor, engine, taken_at))

// Makes <into>/<instant> and answers it. Nothing has that name before everything is in it and on the disk: a
// kill leaves a folder that ends in .part and is cleared away by the next backup. Throws std::runtime_error
// with what to do, also if somebody else is taking one in that folder.
std::filesystem::path take(const Place& shop, const std::filesystem::path& into, core::Time now);

struct Verdict {
    About about;
    std::vector<std::string> faults;  // sentences; empty: the backup is good
};
// Restores into a place of its own, cleared away afterwards, and looks: checksums, the engine's own check,
// ledgers and sums, pictures that rows speak of. A backup of PostgreSQL needs a server to restore to:
// `server`, "postgres://…", where a database is made and dropped. Throws std::runtime_error if it can't even
// begin.
Verdict verify(const std::filesystem::path& backup, const std::string& server, const core::Clock& clock);

// Puts a shop where there is none yet: refuses a place that holds anything. Throws std::runtime_error.
void restore(const std::filesystem::path& backup, const Place& to);

// When the newest backup in `into` was taken; none if there is none.
std::optional<core::Time> find_newest(const std::filesystem::path& into);
// Keeps the newest `kept` of the backups in `into`.
void remove_oldest(const std::filesystem::path& into, std::size_t kept);

// What is wrong in the books of a shop: stock that isn't the sum of its ledger, reservations that nobody
// waits for, orders whose lines don't add up, pictures without a file in the folder `data`. Reads all of it.
// At most `faults_max` sentences.
inline constexpr std::size_t faults_max = 100;
std::vector<std::string> find_faults(store::Tx& tx, const std::filesystem::path& data);

}  // namespace backup
