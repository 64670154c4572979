// How a cart becomes an order: everything in one transaction, so it happens whole or not at all.
#include "orders/events.hpp"
#include "orders/queries.hpp"
#include "orders/rows.hpp"

namespace orders {
namespace {

using core::ErrorCode;

core::Result<users::PostalAddress> shipping_address_of(store::Tx& tx, const core::Caller& caller,
                                                       const PlaceOrder& in,
                                                       const std::optional<users::PostalAddress>& of_cart) {
    if (in.shipping_address && in.shipping_address_id) {
        return core::fail_field("/shipping_address_id", "one_of",
                                "Give shipping_address or shipping_address_id, not both.");
    }
    if (in.shipping_address) {
        auto fits = users::check_by_country(*in.shipping_address, "/shipping_address");
        if (!fits) return std::unexpected(std::move(fits.error()));
        return *in.shipping_address;
    }
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

pricing::Basket basket_of(const cart::Taken& cart, const PlaceOrder& in,
                          const users::PostalAddress& address) {
    pricing::Basket basket;
    basket.currency = cart.currency;
    basket.destination = pricing::Destination{address.country, address.region ? address.region->str() : ""};
    basket.shipping_method_id = in.shipping_method_id ? in.shipping_method_id : cart.shipping_method_id;
    basket.discount_code = in.discount_code ? in.discount_code->str() : cart.discount_code;
    for (const auto& [sellable, quantity, held] : cart.lines) {
        basket.lines.push_back(
            {cart::times(sellable.price.amount, quantity), quantity, sellable.weight_grams});
    }
    return basket;
}

core::Result<void> check_obstacles(const pricing::Quote& quote) {
    if (quote.obstacles.empty()) return {};
    const auto& [code, message] = quote.obstacles.front();
    bool about_code = code == "discount_unavailable";
    return core::fail(about_code ? ErrorCode::discount_unavailable : ErrorCode::not_deliverable, message);
}

void add_lines(Order& order, const cart::Taken& cart, const pricing::Quote& quote, core::Time now) {
    for (std::size_t i = 0; i < cart.lines.size(); ++i) {
        const auto& [sellable, quantity, held] = cart.lines[i];
        std::int64_t unit_price = sellable.price.amount;
        order.lines.push_back({core::OrderLineId::at(now),
                               sellable.variant_id,
                               sellable.product_id,
                               sellable.sku,
                               sellable.title,
                               sellable.options,
                               quantity,
                               0,
                               {unit_price, cart.currency},
                               {cart::times(unit_price, quantity), cart.currency},
                               {quote.lines[i].discount, cart.currency},
                               {quote.lines[i].tax, cart.currency}});
    }
}

void add_sums(Order& order, const pricing::Quote& quote, const core::Currency& currency) {
    order.subtotal = {quote.subtotal, currency};
    order.discount_total = {quote.discount, currency};
    order.shipping_total = {quote.shipping, currency};
    order.tax_total = {quote.tax, currency};
    order.total = {quote.total, currency};
    order.prices_include_tax = quote.prices_include_tax;
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

// Nobody buys a shop empty by a script: so many orders an hour for each account and each address (SE-20).
core::Result<void> count_order(store::Tx& tx, const core::Caller& caller, const core::Email& email,
                               const Settings& settings) {
    if (settings.orders_per_hour_max == 0) return {};
    bool within = count_rate(tx, email.key(), settings.orders_per_hour_max) &&
                  (!caller.user || count_rate(tx, caller.user->text(), settings.orders_per_hour_max));
    if (within) return {};
    return core::fail(ErrorCode::rate_limited, "Too many orders in one hour. Try again in the next.");
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
core::Result<Order> place_order(store::Tx& tx, const core::Caller& caller, const PlaceOrder& in,
                                const Settings& settings) {
    auto taken = cart::take_cart(tx, caller, in.cart_id, core::OrderId::at(tx.now()));
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (taken->ordered_as) return find_order(tx, *taken->ordered_as).value();

    const cart::Taken& cart = taken->cart;
    Order order;
    order.id = cart.order_id;
    auto address = shipping_address_of(tx, caller, in, cart.shipping_address);
    if (!address) return std::unexpected(std::move(address.error()));
    if (in.billing_address) {
        auto fits = users::check_by_country(*in.billing_address, "/billing_address");
        if (!fits) return std::unexpected(std::move(fits.error()));
    }
    auto email = email_of(tx, caller, in, cart.email);
    if (!email) return std::unexpected(std::move(email.error()));
    if (auto counted = count_order(tx, caller, *email, settings); !counted)
        return std::unexpected(std::move(counted.error()));
    if (auto checked = check_sellable(cart); !checked) return std::unexpected(std::move(checked.error()));
    const auto quote = pricing::quote(tx, basket_of(cart, in, *address));
    if (auto checked = check_obstacles(quote); !checked) return std::unexpected(std::move(checked.error()));
    add_lines(order, cart, quote, tx.now());
    add_sums(order, quote, cart.currency);
    name_terms(order, quote.terms);
    if (auto checked = check_total(order, in.expected_total); !checked)
        return std::unexpected(std::move(checked.error()));
    if (const auto& discount = quote.terms.discount) {
        auto used = pricing::use_discount(tx, *discount, order.id, caller.user, email->key());
        if (!used) return std::unexpected(std::move(used.error()));
    }
    auto reserved = catalog::reserve_stock(tx, order.id, lines_to_reserve(cart), caller.actor());
    if (!reserved) return std::unexpected(std::move(reserved.error()));

    order.email = email->str();
    order.user_id = caller.user;
    order.shipping_address = std::move(*address);
    order.billing_address = in.billing_address.value_or(order.shipping_address);
    if (in.note) order.note = in.note->str();
    order.created_at = order.updated_at = tx.now();
    insert_order(tx, order, email->key(), in.billing_address.has_value(), quote.terms);
    order.timeline.push_back(placing_of(order));
    announce(tx, order);
    return order;
}

}  // namespace orders
