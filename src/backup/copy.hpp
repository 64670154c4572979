// Moves a shop from SQLite to PostgreSQL or back: `kontor copy`. Only the database; pictures and the secret
// stay in the data folder, which both engines use alike.
#pragma once

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace backup {

struct CopiedTable {
    std::string name;
    std::int64_t rows = 0;
    std::chrono::milliseconds took{0};  // to write it and to compare it
};

struct Copied {
    core::Time as_of;  // of the source: what it commits later isn't in the copy
};

// From one "sqlite:PATH" or "postgres://…" to one of the other engine, which must hold no shop. Brings the
// target's schema up to date, writes table after table in one transaction, reads all of it again beside the
// source, and commits only if every row and every counter is the same. Whatever ends it before leaves no shop
// at the target. `tell` hears of each table once it is compared. Throws std::runtime_error with what to do.
Copied copy(const std::string& from, const std::string& to, const core::Clock& clock,
            const std::function<void(const CopiedTable&)>& tell);

}  // namespace backup
