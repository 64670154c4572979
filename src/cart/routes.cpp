#include "cart/routes.hpp"

namespace cart {
namespace {

// A rule as an endpoint: the settings are bound, the rest is the endpoint's own.
template <class In>
auto with(const Settings& settings,
          core::Result<Cart> (*rule)(store::Tx&, const core::Caller&, const Settings&, const In&)) {
    return [settings, rule](store::Tx& tx, const core::Caller& caller, const In& in) {
        return rule(tx, caller, settings, in);
    };
}

core::Result<http::Nothing> remove(store::Tx& tx, const core::Caller& caller, const CartPath& in) {
    auto deleted = delete_cart(tx, caller, in);
    if (!deleted) return std::unexpected(std::move(deleted.error()));
    return http::Nothing{};
}

}  // namespace

void add_routes(http::Api& api, const Settings& settings) {
    using http::everyone;
    api.room("cart");
    auto read = with(settings, get_cart);
    auto current = [settings](store::Tx& tx, const core::Caller& caller, const http::Nothing&) {
        return get_current_cart(tx, caller, settings);
    };
    api.post("/v1/carts", everyone, "Open a cart, with its first lines if you like")
        .answers(201)
        .writes(with(settings, open_cart));
    api.get("/v1/carts/{id}", everyone, "Read a cart").reads(read);
    api.patch("/v1/carts/{id}", everyone,
              "Set where a cart's confirmation and goods go, how, and a discount code")
        .guarded_by(read)
        .writes(with(settings, change_cart));
    api.get("/v1/carts/{id}/shipping-methods", everyone, "List how a cart can be sent to its address")
        .reads(list_cart_shipping);
    api.del("/v1/carts/{id}", everyone, "Throw a cart away").guarded_by(read).writes(remove);
    api.post("/v1/carts/{id}/items", everyone, "Put something into a cart; the same variant adds up")
        .writes(with(settings, add_to_cart));
    api.patch("/v1/carts/{id}/items/{item_id}", everyone, "Set the quantity of a line; 0 removes it")
        .guarded_by(read)
        .writes(with(settings, change_cart_item));
    api.del("/v1/carts/{id}/items/{item_id}", everyone, "Take a line out of a cart")
        .guarded_by(read)
        .writes(with(settings, remove_cart_item));
    api.post("/v1/carts/{id}/claim", http::signed_in,
             "Make a guest's cart yours; lines join the cart you have")
        .writes(with(settings, claim_cart));
    api.post("/v1/carts/{id}/checkout", everyone,
             "Hold the units of a cart for ten minutes; asking again extends it")
        .writes(with(settings, check_out));
    api.del("/v1/carts/{id}/checkout", everyone, "Give back the units that a checkout holds")
        .guarded_by(read)
        .writes(with(settings, end_checkout));
    constexpr auto staff = http::needs(core::Permission::catalog_write);
    api.get("/v1/variants/{id}/quantity-limit", staff, "Read how many of a variant one order may have")
        .reads(get_quantity_limit);
    api.put("/v1/variants/{id}/quantity-limit", staff,
            "Say how many of a variant one order may have; without quantity_max: any number")
        .writes(set_quantity_limit)
        .guarded_by(get_quantity_limit);
    api.get("/v1/abandoned-carts", http::needs(core::Permission::orders_read),
            "List carts that were left an hour ago or longer by people who can be reached")
        .reads(list_abandoned_carts);
    api.get("/v1/me/cart", http::signed_in, "Read the cart you opened or claimed last").reads(current);
}

}  // namespace cart
