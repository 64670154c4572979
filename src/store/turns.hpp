// How programs that share a database take turns at writing.
#pragma once

#include "store/database.hpp"

namespace store {

// False of SQLite: there they don't queue for the file but try again and again, so that somebody who writes
// transaction after transaction should rest between them. On PostgreSQL each waits for the rows it needs.
bool writers_wait_in_turn(const Database& database);

}  // namespace store
