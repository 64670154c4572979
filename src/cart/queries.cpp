#include "cart/queries.hpp"

// $1 the cart, $2 the caller (null for a guest), $3 now.
#define MAY_SEE "c.id = $1 and (c.user_id is null or c.user_id = $2) and c.expires_at > $3"
#define MAY_CHANGE MAY_SEE " and c.order_id is null"

namespace cart {
namespace {

// A cart with one of its lines, or with none.
struct CartRow {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
    std::optional<core::Currency> currency;
    std::optional<core::OrderId> order_id;
    core::Time created_at;
    core::Time updated_at;
    core::Time expires_at;
    std::optional<core::CartItemId> item_id;
    std::optional<core::VariantId> variant_id;
    std::optional<std::int64_t> quantity;
};
BOOST_DESCRIBE_STRUCT(CartRow, (),
                      (id, user_id, email, currency, order_id, created_at, updated_at, expires_at, item_id,
                       variant_id, quantity))

constexpr store::Sql renew_sql = "update carts as c set updated_at = $3, expires_at = $4 where " MAY_CHANGE;

}  // namespace

std::vector<std::string> StoredCart::variant_ids() const {
    std::vector<std::string> ids;
    ids.reserve(lines.size());
    for (const auto& line : lines)
        ids.push_back(line.variant_id.str());
    return ids;
}

std::optional<StoredCart> find_cart(store::Tx& tx, const core::Caller& caller, core::CartId cart) {
    auto rows = tx.list<CartRow>(
        "select c.id, c.user_id, c.email, c.currency, c.order_id, c.created_at, c.updated_at, c.expires_at,"
        " i.id, i.variant_id, i.quantity"
        " from carts as c left join cart_items as i on i.cart_id = c.id"
        " where " MAY_SEE " order by i.position, i.id",
        cart, caller.user, tx.now());
    if (rows.empty()) return {};
    CartRow& first = rows.front();
    StoredCart found{first.id,         first.user_id,    std::move(first.email),
                     first.currency,   first.order_id,   first.created_at,
                     first.updated_at, first.expires_at, {}};
    for (const auto& row : rows) {
        if (row.item_id) found.lines.push_back({*row.item_id, *row.variant_id, *row.quantity});
    }
    return found;
}

void insert_cart(store::Tx& tx, const StoredCart& cart) {
    auto owned_at = cart.user_id ? std::optional(cart.created_at) : std::nullopt;
    tx.run(
        "insert into carts (id, user_id, email, currency, owned_at, created_at, updated_at, expires_at, "
        "look_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        cart.id, cart.user_id, cart.email, cart.currency, owned_at, cart.created_at, cart.updated_at,
        cart.expires_at);
}

void renew_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::Time expires_at) {
    tx.run(renew_sql, cart, caller.user, tx.now(), expires_at);
}

bool renew(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::Time expires_at) {
    return tx.count_changed(renew_sql, cart, caller.user, tx.now(), expires_at) > 0;
}

void add_line_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, const NewCartLine& line) {
    tx.run(
        "insert into cart_items (cart_id, variant_id, id, quantity, position)"
        " select c.id, cast($4 as text), cast($5 as text), cast($6 as bigint),"
        " (select coalesce(max(i.position), 0) + 1 from cart_items as i where i.cart_id = c.id)"
        " from carts as c where " MAY_CHANGE
        " on conflict (cart_id, variant_id) do update set quantity = cart_items.quantity + excluded.quantity",
        cart, caller.user, tx.now(), line.variant_id, core::CartItemId::at(tx.now()), line.quantity);
}

void set_email(store::Tx& tx, core::CartId cart, const std::optional<core::Email>& email) {
    tx.run("update carts set email = $2 where id = $1", cart, email);
}

void delete_lines_of(store::Tx& tx, core::CartId cart, const std::vector<std::string>& variant_ids) {
    tx.run("delete from cart_items where cart_id = $1 and variant_id = any($2)", cart, variant_ids);
}

bool set_quantity(store::Tx& tx, const core::Caller& caller, const CartItemChange& change) {
    return tx.count_changed(
               "update cart_items set quantity = $5 where cart_id = $1 and id = $4"
               " and exists (select 1 from carts as c where " MAY_CHANGE ")",
               change.id, caller.user, tx.now(), change.item_id, change.quantity) > 0;
}

bool delete_line(store::Tx& tx, const core::Caller& caller, const CartItemPath& line) {
    return tx.count_changed(
               "delete from cart_items where cart_id = $1 and id = $4"
               " and exists (select 1 from carts as c where " MAY_CHANGE ")",
               line.id, caller.user, tx.now(), line.item_id) > 0;
}

bool delete_cart_row(store::Tx& tx, const core::Caller& caller, core::CartId cart) {
    return tx.count_changed("delete from carts as c where " MAY_CHANGE, cart, caller.user, tx.now()) > 0;
}

std::optional<core::CartId> find_current(store::Tx& tx, const core::UserId& user) {
    return tx.find<core::CartId>(
        "select id from carts where user_id = $1 and order_id is null and expires_at > $2"
        " order by owned_at desc, id desc limit 1",
        user, tx.now());
}

void lock_owner_later(store::Tx& tx, const core::UserId& user) {
    tx.run(
        "insert into cart_owners (user_id, claims) values ($1, 1)"
        " on conflict (user_id) do update set claims = cart_owners.claims + 1",
        user);
}

void set_owner(store::Tx& tx, core::CartId cart, const core::UserId& user) {
    tx.run("update carts set user_id = $2, owned_at = $3 where id = $1", cart, user, tx.now());
}

void merge(store::Tx& tx, core::CartId from, core::CartId into) {
    static_assert(quantity_per_line_max == 1000);  // as the statement says
    tx.run(
        "insert into cart_items (cart_id, variant_id, id, quantity, position)"
        " select cast($2 as text), f.variant_id, f.id, f.quantity,"
        " f.position + (select coalesce(max(i.position), 0) from cart_items as i where i.cart_id = $2)"
        " from cart_items as f where f.cart_id = $1"
        " on conflict (cart_id, variant_id) do update set quantity ="
        " case when cart_items.quantity + excluded.quantity > 1000 then 1000"
        " else cart_items.quantity + excluded.quantity end",
        from, into);
    tx.run(
        "update carts set email = coalesce(email, (select f.email from carts as f where f.id = $1)) where id "
        "= $2",
        from, into);
    tx.run("delete from carts where id = $1", from);
}

void spend_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::OrderId order) {
    // It belongs to whoever ordered it: from then on its id alone doesn't lead to their order.
    tx.run(
        "update carts as c set order_id = $4, user_id = coalesce(c.user_id, cast($2 as text)), updated_at = "
        "$3"
        " where " MAY_CHANGE,
        cart, caller.user, tx.now(), order);
}

std::vector<ExpiredCart> delete_expired(store::Tx& tx, std::int64_t limit) {
    // The outer condition is looked at again once a row that somebody just renewed is locked.
    return tx.list<ExpiredCart>(
        "delete from carts where expires_at <= $1"
        " and id in (select c.id from carts as c where c.look_at <= $1 order by c.look_at limit $2)"
        " returning id, user_id, email, order_id",
        tx.now(), limit);
}

std::int64_t put_off_renewed(store::Tx& tx, std::int64_t limit) {
    return tx.count_changed(
        "update carts set look_at = expires_at where expires_at > $1"
        " and id in (select c.id from carts as c where c.look_at <= $1 order by c.look_at limit $2)",
        tx.now(), limit);
}

}  // namespace cart
