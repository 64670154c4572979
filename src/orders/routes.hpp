// The HTTP surface of orders.
#pragma once

#include "http/api.hpp"
#include "orders/orders.hpp"

namespace orders {

// `exports`: where the pages of an export are read.
void add_routes(http::Api& api, const Settings& settings, store::Database& database, async::Pool& exports);

}  // namespace orders
