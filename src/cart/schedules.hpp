// What happens to carts by the clock.
#pragma once

#include "jobs/runner.hpp"

namespace cart {

// Removes carts whose life is over, a bounded number a step, each with the event `cart.expired` unless it had
// become an order.
jobs::Schedule expire_carts();

}  // namespace cart
