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

std::vector<std::string> variant_ids_of(const cart::Taken& cart) {
    std::vector<std::string> ids;
    ids.reserve(cart.lines.size());
    for (const cart::TakenLine& line : cart.lines)
        ids.push_back(line.variant_id.str());
    return ids;
}

struct Line {
    catalog::Sellable sellable;
    cart::TakenLine taken;
};

// The cart beside what the catalogue says of it; what the catalogue no longer has is left out.
std::vector<Line> lines_of(const cart::Taken& cart, std::vector<catalog::Sellable> sellables) {
    std::vector<Line> lines;
    for (const cart::TakenLine& taken : cart.lines) {
        auto sellable = std::ranges::find(sellables, taken.variant_id, &catalog::Sellable::variant_id);
        if (sellable != sellables.end()) lines.push_back({std::move(*sellable), taken});
    }
    return lines;
}

// Everything must be for sale in the order's currency and within the limits; that there is enough of it,
// reserve_stock() decides.
core::Result<void> check_sellable(const std::vector<Line>& lines, const core::Currency& currency) {
    for (const auto& [sellable, taken] : lines) {
        if (taken.quantity_max && taken.quantity > *taken.quantity_max) {
            return core::fail(
                ErrorCode::conflict,
                "One order may have " + std::to_string(*taken.quantity_max) + " of " + sellable.title +
                    " at most.",
                {{"variant_id", sellable.variant_id.text()}, {"quantity_max", *taken.quantity_max}});
        }
        if (!sellable.active) {
            return core::fail(ErrorCode::out_of_stock, sellable.title + " is no longer for sale.",
                              {{"variant_id", sellable.variant_id.text()}});
        }
        if (sellable.price.currency != currency) {
            return core::fail(ErrorCode::currency_mismatch,
                              sellable.title + " has no price in the cart's currency.",
                              {{"variant_id", sellable.variant_id.text()}});
        }
    }
    return {};
}

pricing::Basket basket_without_lines(const cart::Taken& cart, const PlaceOrder& in,
                                     const users::PostalAddress& address) {
    pricing::Basket basket;
    basket.destination = pricing::Destination{address.country, address.region ? address.region->str() : ""};
    basket.shipping_method_id = in.shipping_method_id ? in.shipping_method_id : cart.shipping_method_id;
    basket.discount_code = in.discount_code ? in.discount_code->str() : cart.discount_code;
    return basket;
}

void add_to_basket(pricing::Basket& basket, const std::vector<Line>& lines, const core::Currency& currency) {
    basket.currency = currency;
    for (const auto& [sellable, taken] : lines) {
        basket.lines.push_back(
            {cart::times(sellable.price.amount, taken.quantity), taken.quantity, sellable.weight_grams});
    }
}

core::Result<void> check_obstacles(const pricing::Quote& quote) {
    if (quote.obstacles.empty()) return {};
    const auto& [code, message] = quote.obstacles.front();
    bool about_code = code == "discount_unavailable";
    return core::fail(about_code ? ErrorCode::discount_unavailable : ErrorCode::not_deliverable, message);
}

void add_lines(Order& order, const std::vector<Line>& lines, const pricing::Quote& quote,
               const core::Currency& currency, core::Time now) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& [sellable, taken] = lines[i];
        const std::int64_t unit_price = sellable.price.amount;
        order.lines.push_back({core::OrderLineId::at(now),
                               sellable.variant_id,
                               sellable.product_id,
                               sellable.sku,
                               sellable.title,
                               sellable.options,
                               taken.quantity,
                               0,
                               {unit_price, currency},
                               {cart::times(unit_price, taken.quantity), currency},
                               {quote.lines[i].discount, currency},
                               {quote.lines[i].tax, currency}});
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
class RateCount {
public:
    RateCount(store::Tx& tx, const core::Caller& caller, const core::Email& email, const Settings& settings) {
        const auto max = settings.orders_per_hour_max;
        if (max == 0) return;
        counted_.push_back(count_rate(tx, email.key(), max));
        if (caller.user) counted_.push_back(count_rate(tx, caller.user->text(), max));
    }
    core::Result<void> check() {
        for (auto& counted : counted_) {
            if (counted.find()) continue;
            return core::fail(ErrorCode::rate_limited, "Too many orders in one hour. Try again in the next.");
        }
        return {};
    }

private:
    std::vector<store::Asked<std::int64_t>> counted_;
};

// What a checkout holds is reserved under the order's id already; the rest is reserved now.
std::vector<catalog::StockLine> lines_to_reserve(const std::vector<Line>& lines) {
    std::vector<catalog::StockLine> missing;
    for (const auto& [sellable, taken] : lines) {
        const std::int64_t quantity = taken.quantity - taken.held;
        if (quantity > 0) missing.push_back({sellable.variant_id, sellable.product_id, quantity});
    }
    return missing;
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
    auto sellables = catalog::ask_sellables(tx, variant_ids_of(cart));
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
    RateCount rate(tx, caller, *email, settings);
    auto basket = basket_without_lines(cart, in, *address);
    auto rules = pricing::ask_rules(tx, basket);
    if (auto within = rate.check(); !within) return std::unexpected(std::move(within.error()));

    const auto lines = lines_of(cart, sellables.list());
    if (lines.empty())
        return core::fail(ErrorCode::cart_empty, "Nothing that is in this cart is sold any more.");
    const auto currency = cart.currency.value_or(lines.front().sellable.price.currency);
    if (auto checked = check_sellable(lines, currency); !checked)
        return std::unexpected(std::move(checked.error()));
    add_to_basket(basket, lines, currency);
    const auto quote = pricing::quote(basket, rules, tx.now());
    if (auto checked = check_obstacles(quote); !checked) return std::unexpected(std::move(checked.error()));
    add_lines(order, lines, quote, currency, tx.now());
    add_sums(order, quote, currency);
    name_terms(order, quote.terms);
    if (auto checked = check_total(order, in.expected_total); !checked)
        return std::unexpected(std::move(checked.error()));
    if (const auto& discount = quote.terms.discount) {
        auto used = pricing::use_discount(tx, *discount, order.id, caller.user, email->key());
        if (!used) return std::unexpected(std::move(used.error()));
    }
    auto reserved = catalog::reserve_stock(tx, order.id, lines_to_reserve(lines), caller.actor());
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
