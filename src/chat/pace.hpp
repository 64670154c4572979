// How fast one person may do something, over all nodes and restarts: the generic cell rate algorithm in one
// row and one statement.
#pragma once

#include "core/caller.hpp"
#include "store/tx.hpp"

#include <chrono>

namespace chat {

struct Pace {
    std::string_view deed;  // "message": the name in the table, and of the limit
    std::int64_t burst = 0;
    std::chrono::milliseconds every{};  // one more is allowed after so long
};

// Takes one from what `user` may do now. Error: rate_limited, with `retry_after_seconds`.
core::Result<void> keep_pace(store::Tx& tx, core::UserId user, const Pace& pace);

}  // namespace chat
