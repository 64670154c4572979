// For a work that looks first and then changes what it saw.
#pragma once

#include "store/database.hpp"

namespace store {

// From here on the work sees and changes the database as if nothing else ran beside it; where that can't be
// had it is run again from the start (PostgreSQL's SERIALIZABLE). Call it before the first statement.
// SQLite's one writer works like that anyway.
void isolate(const Database& database, Tx& tx);

}  // namespace store
