// The HTTP surface of carts.
#pragma once

#include "cart/cart.hpp"
#include "http/api.hpp"

namespace cart {

void add_routes(http::Api& api, const Settings& settings);

}  // namespace cart
