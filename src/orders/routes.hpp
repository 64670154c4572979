// The HTTP surface of orders.
#pragma once

#include "http/api.hpp"

namespace orders {

void add_routes(http::Api& api);

}  // namespace orders
