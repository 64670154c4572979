#include "cart/cart.hpp"

namespace cart {

// The carts themselves expire as all do; their owner is an account that nobody can sign in to any more.
void forget_owner(store::Tx& tx, core::UserId user) {
    tx.run("update carts set email = null, shipping_address = null where user_id = $1", user);
}

}  // namespace cart
