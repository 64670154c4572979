// The SQL of carts. Every statement that a caller's id leads to carries the caller: an owned cart is its
// owner's.
#pragma once

#include "cart/cart.hpp"

namespace cart {

struct StoredLine {
    core::CartItemId id;
    core::VariantId variant_id;
    std::int64_t quantity = 0;
};

struct StoredCart {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    std::optional<core::Currency> currency;
    std::optional<core::OrderId> order_id;
    core::Time created_at;
    core::Time updated_at;
    core::Time expires_at;
    std::vector<StoredLine> lines;  // in the order of adding

    std::vector<std::string> variant_ids() const;
};

// The cart with its lines in one statement, if it is the caller's to see and hasn't expired.
std::optional<StoredCart> find_cart(store::Tx& tx, const core::Caller& caller, core::CartId cart);

void insert_cart(store::Tx& tx, const StoredCart& cart);
// Locks the cart and renews its life, if it is the caller's to change. Doesn't wait for the outcome: the
// find_cart() that follows shows it.
void renew_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::Time expires_at);
// Puts a line in or adds to the one there is, if the cart is the caller's to change. Likewise without
// waiting.
void add_line_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, const NewCartLine& line);
void set_email(store::Tx& tx, core::CartId cart, const std::optional<core::Email>& email);
void delete_lines_of(store::Tx& tx, core::CartId cart, const std::vector<std::string>& variant_ids);

// False if the cart has no such line, or isn't the caller's to change.
bool set_quantity(store::Tx& tx, const core::Caller& caller, const CartItemChange& change);
bool delete_line(store::Tx& tx, const core::Caller& caller, const CartItemPath& line);
bool delete_cart_row(store::Tx& tx, const core::Caller& caller, core::CartId cart);

std::optional<core::CartId> find_current(store::Tx& tx, const core::UserId& user);

// Only one claim of an account runs at a time, until the end of this transaction.
void lock_owner_later(store::Tx& tx, const core::UserId& user);
// Like renew_later(), but tells whether the cart was still open.
bool renew(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::Time expires_at);
void set_owner(store::Tx& tx, core::CartId cart, const core::UserId& user);
// Moves the lines of one cart behind those of another and deletes the emptied one. Both must be locked.
void merge(store::Tx& tx, core::CartId from, core::CartId into);

// Marks the cart as spent by `order` if it is the caller's and still open. Without waiting for the outcome.
void spend_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::OrderId order);

struct ExpiredCart {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    std::optional<core::OrderId> order_id;
};
BOOST_DESCRIBE_STRUCT(ExpiredCart, (), (id, user_id, email, order_id))
// Looks at up to `limit` carts that are due and deletes those that have expired…
std::vector<ExpiredCart> delete_expired(store::Tx& tx, std::int64_t limit);
// …and at those that were renewed again when their new time has come. Returns how many.
std::int64_t put_off_renewed(store::Tx& tx, std::int64_t limit);

}  // namespace cart
