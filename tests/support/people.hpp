// Callers for tests: guests, customers with an account, and staff.
#pragma once

#include "core/caller.hpp"
#include "store/database.hpp"

namespace support {

core::Caller guest();
// Makes an account and is that person, signed in.
core::Caller sign_up(store::Database& database, std::string_view email,
                     core::Role role = core::Role::customer);

}  // namespace support
