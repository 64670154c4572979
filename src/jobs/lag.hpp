// How far followers are behind the event log.
#pragma once

#include "store/database.hpp"

#include <chrono>

namespace jobs {

struct Lag {
    std::string follower;
    std::chrono::milliseconds behind{0};  // the age of the first event it has not dealt with
};

// A follower that skips what it doesn't want notes its place now and then only, so up to a thousand events
// count as none.
std::vector<Lag> list_lags(store::Database& database, store::Tx& tx);

// The newest event's age; negative if it is of the future, because a clock was set back. Zero if there is
// none.
std::chrono::milliseconds newest_event_age(store::Tx& tx);

}  // namespace jobs
