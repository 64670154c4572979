// What happens to carts by the clock.
#pragma once

#include "jobs/runner.hpp"

namespace cart {

// Notes carts that were abandoned (`cart.abandoned`, once each) and removes carts whose life is over, a
// bounded number a step, each with the event `cart.expired` unless it had become an order.
jobs::Schedule expire_carts();
// Gives back what checkouts held whose time is over, one a step: each is a transaction of its own, so that no
// two carts' variants are locked in crossing orders.
jobs::Schedule expire_holds();

}  // namespace cart
