#include "cart/queries.hpp"

#include "core/json_read.hpp"
#include "core/json_write.hpp"

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
    std::optional<std::string> shipping_address;
    std::optional<pricing::ShippingMethodId> shipping_method_id;
    std::optional<std::string> discount_code;
    std::optional<core::OrderId> hold_id;
    std::optional<core::Time> held_since;
    std::optional<core::Time> held_until;
    std::optional<core::OrderId> spent_by;
    std::optional<core::CartItemId> item_id;
    std::optional<core::VariantId> variant_id;
    std::optional<std::int64_t> quantity;
    std::optional<std::int64_t> held;
    std::optional<std::int64_t> seen_price;
    std::optional<std::int64_t> reduced_from;
    std::optional<std::int64_t> quantity_max;
};
BOOST_DESCRIBE_STRUCT(CartRow, (),
                      (id, user_id, email, currency, order_id, created_at, updated_at, expires_at,
                       shipping_address, shipping_method_id, discount_code, hold_id, held_since, held_until,
                       spent_by, item_id, variant_id, quantity, held, seen_price, reduced_from, quantity_max))

// A hold lasts $5, but not longer than $6 ms since it began. A cart without one keeps null, which touches no
// index.
constexpr store::Sql renew_sql =
    "update carts as c set updated_at = $3, expires_at = $4,"
    " held_until = case when c.held_until is null then null"
    " when c.held_since + $6 < $5 then c.held_since + $6 else $5 end where " MAY_CHANGE;

std::optional<users::PostalAddress> address_from(const std::optional<std::string>& json) {
    if (!json) return {};
    auto address = core::from_json<users::PostalAddress>(*json);
    if (!address) throw std::runtime_error("a cart holds a malformed address: " + address.error().detail);
    return std::move(*address);
}

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
        " c.shipping_address, c.shipping_method_id, c.discount_code, c.hold_id, c.held_since, c.held_until, "
        "c.spent_by,"
        " i.id, i.variant_id, i.quantity, i.held, i.seen_price, i.reduced_from, m.quantity_max"
        " from carts as c left join cart_items as i on i.cart_id = c.id"
        " left join quantity_limits as m on m.variant_id = i.variant_id"
        " where " MAY_SEE " order by i.position, i.id",
        cart, caller.user, tx.now());
    if (rows.empty()) return {};
    CartRow& first = rows.front();
    StoredCart found{first.id,
                     first.user_id,
                     std::move(first.email),
                     first.currency,
                     first.order_id,
                     first.created_at,
                     first.updated_at,
                     first.expires_at,
                     address_from(first.shipping_address),
                     first.shipping_method_id,
                     std::move(first.discount_code),
                     first.hold_id,
                     first.held_since,
                     first.held_until,
                     first.spent_by,
                     {}};
    for (const auto& row : rows) {
        if (!row.item_id) continue;
        found.lines.push_back({*row.item_id, *row.variant_id, *row.quantity, *row.held, row.seen_price,
                               row.reduced_from, row.quantity_max});
    }
    return found;
}

void insert_cart(store::Tx& tx, const StoredCart& cart) {
    auto owned_at = cart.user_id ? std::optional(cart.created_at) : std::nullopt;
    tx.run(
        "insert into carts (id, user_id, email, currency, owned_at, created_at, updated_at, expires_at, "
        "look_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        cart.id, cart.user_id, cart.email, cart.currency, owned_at, cart.created_at, cart.updated_at,
        cart.expires_at, cart.created_at + abandoned_after);
}

store::Asked<std::int64_t> ask_limit(store::Tx& tx, core::VariantId variant) {
    return tx.ask<std::int64_t>("select quantity_max from quantity_limits where variant_id = $1", variant);
}

void store_limit(store::Tx& tx, core::VariantId variant, std::optional<std::int64_t> quantity_max) {
    if (quantity_max) {
        tx.run(
            "insert into quantity_limits (variant_id, quantity_max, updated_at) values ($1, $2, $3)"
            " on conflict (variant_id) do update set quantity_max = $2, updated_at = $3",
            variant, *quantity_max, tx.now());
    } else {
        tx.run("delete from quantity_limits where variant_id = $1", variant);
    }
}

void renew_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, const Settings& settings) {
    tx.run(renew_sql, cart, caller.user, tx.now(), tx.now() + settings.lifetime, tx.now() + settings.hold,
           settings.hold_max.count());
}

bool renew(store::Tx& tx, const core::Caller& caller, core::CartId cart, const Settings& settings) {
    return tx.count_changed(renew_sql, cart, caller.user, tx.now(), tx.now() + settings.lifetime,
                            tx.now() + settings.hold, settings.hold_max.count()) > 0;
}

void add_line_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, const StoredLine& line) {
    tx.run(
        "insert into cart_items (cart_id, variant_id, id, quantity, seen_price, position)"
        " select c.id, cast($4 as text), cast($5 as text), cast($6 as bigint), cast($7 as bigint),"
        " (select coalesce(max(i.position), 0) + 1 from cart_items as i where i.cart_id = c.id)"
        " from carts as c where " MAY_CHANGE
        " on conflict (cart_id, variant_id) do update set quantity = cart_items.quantity + excluded.quantity,"
        " seen_price = excluded.seen_price, reduced_from = null",
        cart, caller.user, tx.now(), line.variant_id, line.id, line.quantity, line.seen_price);
}

void set_email(store::Tx& tx, core::CartId cart, const std::optional<core::Email>& email) {
    tx.run("update carts set email = $2 where id = $1", cart, email);
}

void set_shipping_address(store::Tx& tx, core::CartId cart,
                          const std::optional<users::PostalAddress>& address) {
    std::optional<std::string> json;
    if (address) json = core::to_json(*address);
    tx.run("update carts set shipping_address = $2 where id = $1", cart, json);
}

void set_shipping_method(store::Tx& tx, core::CartId cart,
                         const std::optional<pricing::ShippingMethodId>& method) {
    tx.run("update carts set shipping_method_id = $2 where id = $1", cart, method);
}

void set_discount_code(store::Tx& tx, core::CartId cart, const std::optional<pricing::DiscountCode>& code) {
    tx.run("update carts set discount_code = $2 where id = $1", cart, code);
}

void note_price_later(store::Tx& tx, core::CartId cart, core::VariantId variant, std::int64_t price) {
    tx.run("update cart_items set seen_price = $3 where cart_id = $1 and variant_id = $2", cart, variant,
           price);
}

void delete_lines_of(store::Tx& tx, core::CartId cart, const std::vector<std::string>& variant_ids) {
    tx.run("delete from cart_items where cart_id = $1 and variant_id = any($2)", cart, variant_ids);
}

bool set_quantity(store::Tx& tx, const core::Caller& caller, const CartItemChange& change) {
    return tx.count_changed(
               "update cart_items set quantity = $5, reduced_from = null where cart_id = $1 and id = $4"
               " and exists (select 1 from carts as c where " MAY_CHANGE ")",
               change.id, caller.user, tx.now(), change.item_id, change.quantity) > 0;
}

std::optional<StoredLine> delete_line(store::Tx& tx, const core::Caller& caller, const CartItemPath& line) {
    return tx.find<StoredLine>(
        "delete from cart_items where cart_id = $1 and id = $4"
        " and exists (select 1 from carts as c where " MAY_CHANGE
        ")"
        " returning id, variant_id, quantity, held, seen_price, reduced_from",
        line.id, caller.user, tx.now(), line.item_id);
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
        "insert into cart_items (cart_id, variant_id, id, quantity, position, held, seen_price)"
        " select cast($2 as text), f.variant_id, f.id, f.quantity,"
        " f.position + (select coalesce(max(i.position), 0) from cart_items as i where i.cart_id = $2),"
        " f.held, f.seen_price"
        " from cart_items as f where f.cart_id = $1"
        " on conflict (cart_id, variant_id) do update set held = cart_items.held + excluded.held,"
        " reduced_from = null, quantity ="
        " case when cart_items.quantity + excluded.quantity > 1000 then 1000"
        " else cart_items.quantity + excluded.quantity end",
        from, into);
    tx.run(
        "update carts set email = coalesce(email, (select f.email from carts as f where f.id = $1)),"
        " shipping_address = coalesce(shipping_address, (select f.shipping_address from carts as f where"
        " f.id = $1)), discount_code = coalesce(discount_code, (select f.discount_code from carts as f where"
        " f.id = $1)) where id = $2",
        from, into);
    tx.run("delete from carts where id = $1", from);
}

void spend_later(store::Tx& tx, const core::Caller& caller, core::CartId cart, core::OrderId proposed) {
    // It belongs to whoever ordered it: from then on its id alone doesn't lead to their order.
    tx.run(
        "update carts as c set order_id = case when c.held_until is null then $4 else c.hold_id end,"
        " spent_by = $4, held_until = null, user_id = coalesce(c.user_id, cast($2 as text)), updated_at = $3"
        " where " MAY_CHANGE,
        cart, caller.user, tx.now(), proposed);
}

void start_hold(store::Tx& tx, core::CartId cart, core::OrderId hold, core::Time since, core::Time until) {
    tx.run("update carts set hold_id = $2, held_since = $3, held_until = $4 where id = $1", cart, hold, since,
           until);
}

void end_hold(store::Tx& tx, core::CartId cart) {
    tx.run("update carts set held_until = null where id = $1", cart);
}

void store_line(store::Tx& tx, core::CartId cart, const StoredLine& line) {
    tx.run(
        "update cart_items set quantity = $3, held = $4, seen_price = $5, reduced_from = $6"
        " where cart_id = $1 and variant_id = $2",
        cart, line.variant_id, line.quantity, line.held, line.seen_price, line.reduced_from);
}

std::optional<EndedHold> end_one_expired_hold(store::Tx& tx) {
    // One that somebody just renews, or that another node ends, is passed over.
    return tx.find<EndedHold>(
        "update carts set held_until = null where id ="
        " (select c.id from carts as c where c.held_until <= $1 order by c.held_until limit 1"
        " for update skip locked)"
        " returning id, hold_id",
        tx.now());
}

std::vector<catalog::StockLine> list_held(store::Tx& tx, core::CartId cart) {
    std::vector<catalog::StockLine> lines;
    tx.visit(
        [&](const store::RowView& row) {
            lines.push_back({core::VariantId::from_text(row.text(0)).value(), {}, row.integer(1)});
        },
        "select variant_id, held from cart_items where cart_id = $1 and held > 0", cart);
    return lines;
}

void clear_held(store::Tx& tx, core::CartId cart) {
    tx.run("update cart_items set held = 0 where cart_id = $1 and held > 0", cart);
}

std::vector<ExpiredCart> delete_expired(store::Tx& tx, std::int64_t limit) {
    // The outer condition is looked at again once a row that somebody just renewed is locked.
    // What it holds is given back first, by another job: so this one leaves held carts alone.
    return tx.list<ExpiredCart>(
        "delete from carts where expires_at <= $1 and held_until is null"
        " and id in (select c.id from carts as c where c.look_at <= $1 order by c.look_at limit $2)"
        " returning id, user_id, email, order_id",
        tx.now(), limit);
}

std::vector<ExpiredCart> note_abandoned(store::Tx& tx, std::int64_t limit) {
    auto noticed = tx.list<std::string>(
        "insert into abandoned_carts (cart_id, noticed_at) select c.id, $1 from carts as c where c.id in"
        " (select d.id from carts as d where d.look_at <= $1 order by d.look_at limit $3)"
        " and c.order_id is null and c.updated_at <= $2 and c.expires_at > $1"
        " and (c.email is not null or c.user_id is not null)"
        " and exists (select 1 from cart_items as i where i.cart_id = c.id)"
        " on conflict (cart_id) do nothing returning cart_id",
        tx.now(), tx.now() - abandoned_after, limit);
    if (noticed.empty()) return {};
    return tx.list<ExpiredCart>("select id, user_id, email, order_id from carts where id = any($1)", noticed);
}

void note_noticed(store::Tx& tx, core::CartId cart) {
    tx.run("insert into abandoned_carts (cart_id, noticed_at) values ($1, $2)", cart, tx.now());
}

std::int64_t put_off(store::Tx& tx, std::int64_t limit) {
    return tx.count_changed(
        "update carts set look_at = case when order_id is null and updated_at > $2 then updated_at + $3"
        " else expires_at end where expires_at > $1"
        " and id in (select c.id from carts as c where c.look_at <= $1 order by c.look_at limit $4)",
        tx.now(), tx.now() - abandoned_after, std::chrono::milliseconds(abandoned_after).count(), limit);
}

std::vector<AbandonedCart> list_abandoned(store::Tx& tx, core::Time before, std::string_view before_id,
                                          std::int64_t limit) {
    return tx.list<AbandonedCart>(
        "select c.id, c.user_id, c.email,"
        " (select cast(coalesce(sum(i.quantity), 0) as bigint) from cart_items as i where i.cart_id = c.id),"
        " c.updated_at, c.expires_at, a.noticed_at"
        " from abandoned_carts as a join carts as c on c.id = a.cart_id"
        " where c.order_id is null and c.updated_at <= $1 and c.expires_at > $2"
        " and (a.noticed_at, a.cart_id) < ($3, $4)"
        " order by a.noticed_at desc, a.cart_id desc limit $5",
        tx.now() - abandoned_after, tx.now(), before, before_id, limit);
}

}  // namespace cart
