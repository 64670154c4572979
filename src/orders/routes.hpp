// The HTTP surface of orders.
#pragma once

#include "http/api.hpp"
#include "orders/orders.hpp"

namespace orders {

void add_routes(http::Api& api, const Settings& settings);

}  // namespace orders
