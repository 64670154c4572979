// Carts: what somebody is about to buy. A guest's cart is whoever knows its id's; an owned one is its owner's.
#pragma once

#include "catalog/catalog.hpp"
#include "core/caller.hpp"

namespace cart {

// A cart being turned into an order.
struct Taken {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    core::Currency currency;
    std::vector<std::pair<catalog::Sellable, std::int64_t>> lines;  // what and how many, in the order of adding
};

// Locks the caller's cart for the rest of the transaction and marks it as spent by `order`. If it was spent before,
// `ordered_as` of the answer says by which order, and nothing changes.
// Errors: not_found (no such cart, somebody else's, expired), cart_empty.
struct TakeResult {
    std::optional<core::OrderId> ordered_as;
    Taken cart;
};
core::Result<TakeResult> take_cart(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::OrderId order);

}  // namespace cart
