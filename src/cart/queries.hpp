// The SQL of carts. Every statement that a caller's id leads to carries the caller: an owned cart is its
// owner's.
#pragma once

#include "cart/cart.hpp"

namespace cart {

struct StoredLine {
    core::CartItemId id;
    core::VariantId variant_id;
    std::int64_t quantity = 0;
    std::int64_t held = 0;
    std::optional<std::int64_t> seen_price;    // what the customer was told last
    std::optional<std::int64_t> reduced_from;  // what they wanted before a checkout found fewer
    std::optional<std::int64_t> limit;         // of one order; filled by find_cart() only
};
BOOST_DESCRIBE_STRUCT(StoredLine, (), (id, variant_id, quantity, held, seen_price, reduced_from))

struct StoredCart {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    std::optional<core::Currency> currency;
    std::optional<core::OrderId> order_id;
    core::Time created_at;
    core::Time updated_at;
    core::Time expires_at;
    std::optional<users::PostalAddress> shipping_address;
    std::optional<pricing::ShippingMethodId> shipping_method_id;
    std::optional<std::string> discount_code;
    std::optional<core::OrderId> hold_id;  // means nothing without held_until
    std::optional<core::Time> held_since;
    std::optional<core::Time> held_until;
    std::optional<core::OrderId> spent_by;
    std::vector<StoredLine> lines;  // in the order of adding

    std::vector<std::string> variant_ids() const;
};

// The cart with its lines in one statement, if it is the caller's to see and hasn't expired.
std::optional<StoredCart> find_cart(store::Tx& tx, const core::Caller& caller, core::CartId cart);

void insert_cart(store::Tx& tx, const StoredCart& cart);
// Locks the cart and renews its life and its hold, if it is the caller's to change. Doesn't wait for the
// outcome: the find_cart() that follows shows it.
void renew_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, const Settings& settings);
// Puts the line in, or adds its quantity to the one there is of this variant, if the cart is the caller's to
// change. Likewise without waiting.
void add_line_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, const StoredLine& line);
void set_email(store::Tx& tx, core::CartId cart, const std::optional<core::Email>& email);
void set_shipping_address(store::Tx& tx, core::CartId cart,
                          const std::optional<users::PostalAddress>& address);
void set_shipping_method(store::Tx& tx, core::CartId cart,
                         const std::optional<pricing::ShippingMethodId>& method);
void set_discount_code(store::Tx& tx, core::CartId cart, const std::optional<pricing::DiscountCode>& code);
// The customer is being told this price.
void note_price_later(store::Tx& tx, core::CartId cart, core::VariantId variant, std::int64_t price);
void delete_lines_of(store::Tx& tx, core::CartId cart, const std::vector<std::string>& variant_ids);

// False if the cart has no such line, or isn't the caller's to change.
bool set_quantity(store::Tx& tx, const core::Caller& caller, const CartItemChange& change);
bool delete_cart_row(store::Tx& tx, const core::Caller& caller, core::CartId cart);
// The line that was there, if the cart had it and was the caller's to change.
std::optional<StoredLine> delete_line(store::Tx& tx, const core::Caller& caller, const CartItemPath& line);

store::Asked<std::int64_t> ask_limit(store::Tx& tx, core::VariantId variant);
// Empty: no limit any more.
void store_limit(store::Tx& tx, core::VariantId variant, std::optional<std::int64_t> quantity_max);

std::optional<core::CartId> find_current(store::Tx& tx, const core::UserId& user);

// Only one claim of an account runs at a time, until the end of this transaction.
void lock_owner_later(store::Tx& tx, const core::UserId& user);
// Like renew_later(), but tells whether the cart was still open.
bool renew(store::Tx& tx, const core::Caller& caller, core::CartId cart, const Settings& settings);
void set_owner(store::Tx& tx, core::CartId cart, const core::UserId& user);
// Moves the lines of one cart behind those of another and deletes the emptied one. Both must be locked.
void merge(store::Tx& tx, core::CartId from, core::CartId into);

// Marks the cart as spent if it is the caller's and still open: by the order that its hold is booked under,
// else by `proposed`. Without waiting for the outcome: `spent_by` tells whether it was this try.
void spend_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::OrderId proposed);

// The hold of a cart whose row is locked.
void start_hold(store::Tx& tx, core::CartId cart, core::OrderId hold, core::Time since, core::Time until);
void end_hold(store::Tx& tx, core::CartId cart);
// What a line wants, holds and costs, as it is in `line`.
void store_line(store::Tx& tx, core::CartId cart, const StoredLine& line);

// Ends one hold whose time has come, and tells whose it was.
struct EndedHold {
    core::CartId id;
    core::OrderId hold_id;
};
BOOST_DESCRIBE_STRUCT(EndedHold, (), (id, hold_id))
std::optional<EndedHold> end_one_expired_hold(store::Tx& tx);
std::vector<catalog::StockLine> list_held(store::Tx& tx, core::CartId cart);
void clear_held(store::Tx& tx, core::CartId cart);

struct ExpiredCart {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    std::optional<core::OrderId> order_id;
};
BOOST_DESCRIBE_STRUCT(ExpiredCart, (), (id, user_id, email, order_id))
// Looks at up to `limit` carts that are due and deletes those that have expired…
std::vector<ExpiredCart> delete_expired(store::Tx& tx, std::int64_t limit);
// …notes those that were abandoned, and answers them, each once…
std::vector<ExpiredCart> note_abandoned(store::Tx& tx, std::int64_t limit);
// …and looks at the others again when they may be abandoned or over. Returns how many.
std::int64_t put_off(store::Tx& tx, std::int64_t limit);
// As if note_abandoned() had told of the cart.
void note_noticed(store::Tx& tx, core::CartId cart);

// Behind that place, latest first.
std::vector<AbandonedCart> list_abandoned(store::Tx& tx, core::Time before, std::string_view before_id,
                                          std::int64_t limit);

}  // namespace cart
