// How many statements the calling thread has had a database run: what a piece of work cost is the difference.
#pragma once

#include <cstdint>

namespace store {

inline constinit thread_local std::uint64_t statements_run = 0;

}  // namespace store
