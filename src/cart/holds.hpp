// What a checkout holds, and how it is given back. Every function needs the cart's row locked: whoever holds
// that lock is the only one who gives its units back, so they come back once.
#pragma once

#include "cart/queries.hpp"

namespace cart {

// not_found for no cart, cart_ordered for one that has become an order.
core::Result<void> check_open(const std::optional<StoredCart>& cart);

// Gives back everything, if there is a hold, also in `cart`.
void release_hold(store::Tx& tx, const core::Caller& caller, StoredCart& cart);
// No line holds more than it asks for: gives back the rest, also in `cart`.
void release_surplus(store::Tx& tx, const core::Caller& caller, StoredCart& cart);
// Gives back what a line held that was just taken out.
void release_line(store::Tx& tx, const core::Caller& caller, core::CartId cart, const StoredLine& removed);
// Books the units that `from` holds under the hold of `into`, which begins if there is none. The lines
// themselves move with merge(), which has to follow.
void move_hold(store::Tx& tx, const core::Caller& caller, const StoredCart& from, const StoredCart& into);

}  // namespace cart
