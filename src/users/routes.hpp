// The HTTP surface of accounts: one's own profile and addresses, and everybody's for staff.
#pragma once

#include "http/api.hpp"

namespace users {

void add_routes(http::Api& api);

}  // namespace users
