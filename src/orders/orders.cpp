#include "orders/orders.hpp"

#include "orders/events.hpp"
#include "orders/queries.hpp"
#include "orders/rows.hpp"

namespace orders {
namespace {

using core::ErrorCode;
using core::Permission;

core::Result<users::PostalAddress> shipping_address_of(store::Tx& tx, const core::Caller& caller,
                                                       const PlaceOrder& in,
                                                       const std::optional<users::PostalAddress>& of_cart) {
    if (in.shipping_address && in.shipping_address_id) {
        return core::fail_field("/shipping_address_id", "one_of",
                                "Give shipping_address or shipping_address_id, not both.");
    }
    if (in.shipping_address) return *in.shipping_address;
    if (!in.shipping_address_id && of_cart) return *of_cart;
    if (!in.shipping_address_id)
        return core::fail_field("/shipping_address", "required", "Say where the goods go.");
    auto unknown =
        core::fail_field("/shipping_address_id", "not_found", "There is no such address in your account.");
    if (!caller.user) return unknown;
    auto address = users::get_postal_address(tx, *caller.user, *in.shipping_address_id);
    if (!address && address.error().code == ErrorCode::not_found) return unknown;
    return address;
}

core::Result<core::Email> email_of(store::Tx& tx, const core::Caller& caller, const PlaceOrder& in,
                                   const std::optional<std::string>& of_cart) {
    if (in.email) return *in.email;
    std::string known;
    if (of_cart) {
        known = *of_cart;
    } else if (caller.user) {
        auto profile = users::get_profile(tx, *caller.user);
        if (!profile) return std::unexpected(std::move(profile.error()));
        known = std::move(profile->email);
    } else {
        return core::fail_field("/email", "required", "Say where the confirmation goes.");
    }
    auto email = core::Email::from_text(known);
    if (!email) throw std::logic_error("a stored e-mail address is malformed");
    return std::move(*email);
}

// Everything in the cart must be for sale in its currency; that there is enough of it, reserve_stock()
// decides.
core::Result<void> check_sellable(const cart::Taken& cart) {
    for (const auto& [sellable, quantity, held] : cart.lines) {
        if (!sellable.active) {
            return core::fail(ErrorCode::out_of_stock, sellable.title + " is no longer for sale.",
                              {{"variant_id", sellable.variant_id.text()}});
        }
        if (sellable.price.currency != cart.currency) {
            return core::fail(ErrorCode::currency_mismatch,
                              sellable.title + " has no price in the cart's currency.",
                              {{"variant_id", sellable.variant_id.text()}});
        }
    }
    return {};
}

void add_lines(Order& order, const cart::Taken& cart, core::Time now) {
    std::int64_t subtotal = 0;
    for (const auto& [sellable, quantity, held] : cart.lines) {
        std::int64_t unit_price = sellable.price.amount;
        std::int64_t total = cart::times(unit_price, quantity);
        subtotal = cart::plus(subtotal, total);
        order.lines.push_back({core::OrderLineId::at(now),
                               sellable.variant_id,
                               sellable.product_id,
                               sellable.sku,
                               sellable.title,
                               sellable.options,
                               quantity,
                               {unit_price, cart.currency},
                               {total, cart.currency}});
    }
    order.subtotal = order.total = {subtotal, cart.currency};
    order.discount_total = order.shipping_total = order.tax_total = {0, cart.currency};
}

core::Result<void> check_total(const Order& order, const std::optional<core::Money>& expected) {
    if (order.total.amount == core::amount_max)
        return core::fail(ErrorCode::conflict, "The total is beyond all measure.");
    if (!expected || *expected == order.total) return {};
    boost::json::object total{{"amount", order.total.amount.value},
                              {"currency", order.total.currency.text()}};
    return core::fail(ErrorCode::price_changed, "The total is not the expected one any more.",
                      {{"total", std::move(total)}});
}

// What a checkout holds is reserved under the order's id already; the rest is reserved now.
std::vector<catalog::StockLine> lines_to_reserve(const cart::Taken& cart) {
    std::vector<catalog::StockLine> lines;
    for (const auto& [sellable, quantity, held] : cart.lines) {
        if (quantity > held) lines.push_back({sellable.variant_id, sellable.product_id, quantity - held});
    }
    return lines;
}

}  // namespace

// Stock is taken behind all checks and in front of the insert: its rows are what orders of one product wait
// for each other on, so they are held briefly, and an order that finds nothing left doesn't use up a number.
core::Result<Order> place_order(store::Tx& tx, const core::Caller& caller, const PlaceOrder& in) {
    auto taken = cart::take_cart(tx, caller, in.cart_id, core::OrderId::at(tx.now()));
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (taken->ordered_as) return find_order(tx, *taken->ordered_as).value();

    const cart::Taken& cart = taken->cart;
    Order order;
    order.id = cart.order_id;
    auto address = shipping_address_of(tx, caller, in, cart.shipping_address);
    if (!address) return std::unexpected(std::move(address.error()));
    auto email = email_of(tx, caller, in, cart.email);
    if (!email) return std::unexpected(std::move(email.error()));
    if (auto checked = check_sellable(cart); !checked) return std::unexpected(std::move(checked.error()));
    add_lines(order, cart, tx.now());
    if (auto checked = check_total(order, in.expected_total); !checked)
        return std::unexpected(std::move(checked.error()));
    auto reserved = catalog::reserve_stock(tx, order.id, lines_to_reserve(cart), caller.actor());
    if (!reserved) return std::unexpected(std::move(reserved.error()));

    order.email = email->str();
    order.user_id = caller.user;
    order.shipping_address = std::move(*address);
    order.billing_address = in.billing_address.value_or(order.shipping_address);
    if (in.note) order.note = in.note->str();
    order.created_at = order.updated_at = tx.now();
    insert_order(tx, order, email->key(), in.billing_address.has_value());
    order.timeline.push_back(placing_of(order));
    announce(tx, order);
    return order;
}

core::Result<Order> get_order(store::Tx& tx, const core::Caller& caller, const OrderPath& in) {
    Viewer viewer{caller.may(Permission::orders_read), caller.user, {}};
    if (in.email) viewer.guest_email_key = in.email->key();
    std::optional<Order> order;
    if (auto id = core::OrderId::from_text(in.id.text())) {
        order = find_visible(tx, *id, viewer);
    } else if (auto number = number_from_text(in.id.text())) {
        order = find_visible_by_number(tx, *number, viewer);
    }
    if (!order) return core::not_found("order");
    return std::move(*order);
}

std::optional<Order> find_order(store::Tx& tx, core::OrderId order) {
    return find_visible(tx, order, {true, {}, {}});
}

namespace {

core::Error invalid_parameter(std::string name, std::string code, std::string message) {
    core::Error error{ErrorCode::invalid_parameter, name + " " + message + ".", {}, {}};
    error.fields.push_back({std::move(name), std::move(code), std::move(message)});
    return error;
}

core::Result<void> set_period(OrderFilter& filter, const std::map<std::string, core::Time>& created_at) {
    constexpr std::chrono::milliseconds step{1};
    for (const auto& [bound, time] : created_at) {
        if (bound == "gte") {
            filter.created_from = std::max(filter.created_from, time);
        } else if (bound == "gt") {
            filter.created_from = std::max(filter.created_from, time + step);
        } else if (bound == "lte") {
            filter.created_to = std::min(filter.created_to, time);
        } else if (bound == "lt") {
            filter.created_to = std::min(filter.created_to, time - step);
        } else {
            return std::unexpected(invalid_parameter("created_at[" + bound + "]", "unknown_field",
                                                     "is not one of gt, gte, lt, lte"));
        }
    }
    return {};
}

constexpr std::string_view list_order = "-created_at";  // the name of the one sort, in cursors

core::Result<void> set_place(OrderFilter& filter, const core::Cursor& cursor) {
    auto created = number_from_text(cursor.key);
    auto number = number_from_text(cursor.id);
    if (cursor.order != list_order || !created || !number) {
        return std::unexpected(
            invalid_parameter("cursor", "invalid_cursor", "must be a next_cursor of this list, unchanged"));
    }
    filter.before_created = {*created};
    filter.before_number = *number;
    return {};
}

}  // namespace

core::Result<core::List<Order>> list_orders(store::Tx& tx, const core::Caller& caller, const OrderQuery& in) {
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    OrderFilter filter;
    if (!caller.may(Permission::orders_read)) filter.user = caller.user.value();
    filter.status = in.status;
    filter.payment_status = in.payment_status;
    if (in.email) filter.email_key = in.email->key();
    if (in.q) filter.q = in.q->str();
    filter.limit = limit + 1;
    if (auto set = set_period(filter, in.created_at); !set) return std::unexpected(std::move(set.error()));
    if (in.cursor) {
        if (auto set = set_place(filter, *in.cursor); !set) return std::unexpected(std::move(set.error()));
    }
    return core::page_of(list_matching(tx, filter), limit, [](const Order& last) {
        return core::Cursor{std::string(list_order), std::to_string(last.created_at.ms), last.number};
    });
}

}  // namespace orders
