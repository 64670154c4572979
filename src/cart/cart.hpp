// Carts: what somebody is about to buy. A guest's cart is whoever knows its id's; an owned one is its owner's
// and 404 for anybody else. Prices are the catalogue's, read whenever a cart is shown and fixed when it is
// ordered. A change renews the cart's life; one that became an order stays readable and takes no more
// changes. A checkout holds the cart's units for a while, so that nobody else buys them meanwhile.
#pragma once

#include "catalog/catalog.hpp"
#include "core/caller.hpp"
#include "core/page.hpp"
#include "core/patch.hpp"
#include "core/time.hpp"
#include "pricing/pricing.hpp"
#include "users/users.hpp"

#include <chrono>

namespace cart {

inline constexpr std::chrono::hours abandoned_after{1};  // without a change; long enough to fetch the card
inline constexpr std::size_t lines_max = 100;  // a cart is shown whole, so its size is an answer's size
inline constexpr std::int64_t quantity_per_line_max = 1000;  // beyond that it is a typing error or wholesale

struct Settings {
    std::chrono::milliseconds lifetime = std::chrono::days{30};  // after the last change
    std::chrono::milliseconds hold = std::chrono::minutes{10};   // of a checkout, after its last sign of life
    std::chrono::milliseconds hold_max = std::chrono::hours{1};  // nobody keeps units from others for ever
    core::Currency currency;  // of a cart that was opened without one and holds nothing yet
};

using LineQuantity = core::Int<1, quantity_per_line_max>;

struct CartItem {
    core::CartItemId id;
    core::VariantId variant_id;
    core::ProductId product_id;
    std::string title;
    std::string sku;
    std::map<std::string, std::string> options;
    std::optional<std::string> image;
    std::int64_t quantity = 0;
    core::Money unit_price;
    core::Money total;
    std::int64_t available = 0;  // for this cart: what it holds counts
    std::int64_t held = 0;       // set aside by a checkout
};
BOOST_DESCRIBE_STRUCT(CartItem, (),
                      (id, variant_id, product_id, title, sku, options, image, quantity, unit_price, total,
                       available, held))

// What stands between this cart and an order: out_of_stock, quantity_unavailable, quantity_limited,
// not_for_sale, currency_mismatch, email_missing, address_missing, not_deliverable,
// shipping_method_unavailable, discount_unavailable. Three only tell what has changed and are told until the
// cart's next change: price_changed, quantity_reduced (by a checkout that found fewer), item_removed (the
// variant is gone from the catalogue and no longer counted).
struct CartRequirement {
    std::string code;
    std::string message;
    std::optional<core::CartItemId> item_id;
};
BOOST_DESCRIBE_STRUCT(CartRequirement, (), (code, message, item_id))

struct Cart {
    core::CartId id;
    core::Currency currency;
    std::optional<std::string> email;
    std::vector<CartItem> items;
    std::int64_t item_count = 0;  // units, not lines
    core::Money subtotal;
    core::Money discount_total;
    core::Money shipping_total;
    core::Money tax_total;
    core::Money total;
    bool prices_include_tax = false;
    std::optional<std::string> discount_code;
    std::optional<pricing::ShippingMethodId> shipping_method_id;  // the one chosen, else the cheapest
    std::optional<std::string> shipping_method;                   // its name
    std::optional<users::PostalAddress> shipping_address;
    std::vector<CartRequirement> requirements;
    std::optional<core::OrderId> order_id;
    std::optional<core::Time> held_until;  // a checkout is under way, and until when
    core::Time created_at;
    core::Time updated_at;
    core::Time expires_at;
};
BOOST_DESCRIBE_STRUCT(Cart, (),
                      (id, currency, email, items, item_count, subtotal, discount_total, shipping_total,
                       tax_total, total, prices_include_tax, discount_code, shipping_method_id,
                       shipping_method, shipping_address, requirements, order_id, held_until, created_at,
                       updated_at, expires_at))

struct NewCartLine {
    core::VariantId variant_id;
    LineQuantity quantity;
};
BOOST_DESCRIBE_STRUCT(NewCartLine, (), (variant_id, quantity))

// Without `currency` a cart takes that of the first thing put into it.
struct NewCart {
    std::optional<core::Currency> currency;
    std::optional<core::Email> email;
    std::vector<NewCartLine> items;
};
BOOST_DESCRIBE_STRUCT(NewCart, (), (currency, email, items))

struct CartPath {
    core::CartId id;
};
BOOST_DESCRIBE_STRUCT(CartPath, (), (id))

struct CartChange {
    core::CartId id;
    core::Patch<core::Email> email;
    core::Patch<users::PostalAddress> shipping_address;  // of an order that names no other
    core::Patch<pricing::ShippingMethodId> shipping_method_id;
    core::Patch<pricing::DiscountCode> discount_code;
};
BOOST_DESCRIBE_STRUCT(CartChange, (), (id, email, shipping_address, shipping_method_id, discount_code))

struct CartAddition {
    core::CartId id;
    core::VariantId variant_id;
    LineQuantity quantity;
};
BOOST_DESCRIBE_STRUCT(CartAddition, (), (id, variant_id, quantity))

struct CartItemPath {
    core::CartId id;
    core::CartItemId item_id;
};
BOOST_DESCRIBE_STRUCT(CartItemPath, (), (id, item_id))

struct CartItemChange {
    core::CartId id;
    core::CartItemId item_id;
    core::Int<0, quantity_per_line_max> quantity;  // 0 removes
};
BOOST_DESCRIBE_STRUCT(CartItemChange, (), (id, item_id, quantity))

// All of them: not_found for a cart that isn't there, has expired or has another owner. Those that change:
// cart_ordered, with `order_id`, once it has become an order.
core::Result<Cart> get_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                            const CartPath& in);
// 422 at the variant_id of what isn't for sale, 409 currency_mismatch. More than is available may be put in:
// the answer's requirements tell.
core::Result<Cart> open_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                             const NewCart& in);
core::Result<Cart> add_to_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                               const CartAddition& in);
// 409 discount_unavailable if a code is set that gives this cart nothing; 422 at members of an address that
// its country's post can't deliver to.
core::Result<Cart> change_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                               const CartChange& in);
core::Result<Cart> change_cart_item(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                    const CartItemChange& in);
core::Result<Cart> remove_cart_item(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                    const CartItemPath& in);
core::Result<void> delete_cart(store::Tx& tx, const core::Caller& caller, const CartPath& in);

// Holds units for everything in the cart, as far as there are any: a line that gets fewer is reduced to those
// and told of as quantity_reduced, one that gets none stays as out_of_stock. Asking again holds what was
// added meanwhile and extends the hold, as every change of the cart does, up to an hour. cart_empty if there
// is nothing to hold.
core::Result<Cart> check_out(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                             const CartPath& in);
// Gives back what the checkout holds. Without one nothing changes.
core::Result<Cart> end_checkout(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                const CartPath& in);

// A cart that somebody left an hour ago or longer, who can be reached: by their account or their address.
struct AbandonedCart {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    std::int64_t item_count = 0;
    core::Time updated_at;
    core::Time expires_at;
    core::Time noticed_at;
};
BOOST_DESCRIBE_STRUCT(AbandonedCart, (), (id, user_id, email, item_count, updated_at, expires_at, noticed_at))
struct AbandonedCartQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(AbandonedCartQuery, (), (limit, cursor))
// For staff, those noticed last first. Who comes back to their cart is not listed while they use it.
core::Result<core::List<AbandonedCart>> list_abandoned_carts(store::Tx& tx, const core::Caller& caller,
                                                             const AbandonedCartQuery& in);

// Gives back what one checkout held whose time is over; false if there is none. A schedule's work.
bool release_one_expired_hold(store::Tx& tx);

// How the cart can be sent to its address, and what that costs; nothing without an address.
core::Result<core::List<pricing::ShippingOffer>> list_cart_shipping(store::Tx& tx, const core::Caller& caller,
                                                                    const CartPath& in);

// The open cart that the signed-in caller opened or claimed last, or not_found.
core::Result<Cart> get_current_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings);
// Makes a guest's cart the signed-in caller's. If they have an open one, its lines go into that (which is
// then the answer, under its own id) and the guest's cart is gone. Claiming one's own cart changes nothing.
core::Result<Cart> claim_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                              const CartPath& in);

// Opens a cart that somebody had in another shop. Empty, and nothing happens, if they have an open one here.
// Nobody is told of it as abandoned, however long ago its owner left it there. Errors: those of open_cart().
core::Result<std::optional<core::CartId>> bring_cart(store::Tx& tx, const Settings& settings,
                                                     core::UserId owner, std::vector<NewCartLine> items);

// How many of a variant one order may have; null: any number.
struct QuantityLimit {
    core::VariantId variant_id;
    std::optional<std::int64_t> quantity_max;
};
BOOST_DESCRIBE_STRUCT(QuantityLimit, (), (variant_id, quantity_max))
struct QuantityLimitPath {
    core::VariantId id;
};
BOOST_DESCRIBE_STRUCT(QuantityLimitPath, (), (id))
struct NewQuantityLimit {
    core::VariantId id;
    std::optional<LineQuantity> quantity_max;  // absent: any number
};
BOOST_DESCRIBE_STRUCT(NewQuantityLimit, (), (id, quantity_max))
// For staff. A cart with more says quantity_limited and can't be ordered; a checkout reduces it.
core::Result<QuantityLimit> get_quantity_limit(store::Tx& tx, const core::Caller& caller,
                                               const QuantityLimitPath& in);
core::Result<QuantityLimit> set_quantity_limit(store::Tx& tx, const core::Caller& caller,
                                               const NewQuantityLimit& in);

// A cart being turned into an order.
struct TakenLine {
    core::VariantId variant_id;
    std::int64_t quantity = 0;
    std::int64_t held = 0;                     // of these, reserved already under the order's id
    std::optional<std::int64_t> quantity_max;  // of this variant in one order
};
struct Taken {
    core::CartId id;
    core::OrderId order_id;  // the id that a checkout's hold is booked under, else the one proposed
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    std::optional<users::PostalAddress> shipping_address;
    std::optional<pricing::ShippingMethodId> shipping_method_id;
    std::optional<std::string> discount_code;
    std::optional<core::Currency> currency;  // the one it was opened with
    std::vector<TakenLine> lines;            // in the order of adding
};

// Locks the caller's cart for the rest of the transaction and marks it as spent by an order, which takes over
// what a checkout holds. If it was spent before, `ordered_as` of the answer says by which order, and nothing
// changes. Errors: not_found (no such cart, somebody else's, expired), cart_empty.
struct TakeResult {
    std::optional<core::OrderId> ordered_as;
    Taken cart;
};
core::Result<TakeResult> take_cart(store::Tx& tx, const core::Caller& caller, core::CartId cart,
                                   core::OrderId proposed);

// What carts of an erased account tell of its owner.
void forget_owner(store::Tx& tx, core::UserId user);

// Units that checkouts hold, by the order that each may become.
std::map<std::string, std::int64_t> list_held_units(store::Tx& tx);

// Sums that stop at core::amount_max instead of overflowing: no sale comes near it.
std::int64_t times(std::int64_t amount, std::int64_t quantity);
std::int64_t plus(std::int64_t amount, std::int64_t other);

}  // namespace cart
