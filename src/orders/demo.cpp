// The demo customer's history, made the way a real one is: carts, orders, and staff who move them on.
#include "orders/orders.hpp"
#include "orders/queries.hpp"

namespace orders {
namespace {

core::Result<Order> order_some(store::Tx& tx, const core::Caller& customer,
                               const users::PostalAddress& address, std::vector<cart::NewCartLine> items) {
    auto cart = cart::open_cart(tx, customer, {}, {{}, {}, std::move(items)});
    if (!cart) return std::unexpected(std::move(cart.error()));
    PlaceOrder order;
    order.cart_id = cart->id;
    order.shipping_address = address;
    return place_order(tx, customer, order);
}

ShipOrder parcel(core::OrderId order, const char* tracking_number) {
    ShipOrder parcel;
    parcel.id = order;
    parcel.carrier = core::Text<1, 100>::trusted("DHL");
    parcel.tracking_number = core::Text<1, 100>::trusted(tracking_number);
    return parcel;
}

// How far the demo takes an order.
core::Result<Order> move_on(store::Tx& tx, const core::Caller& customer, const core::Caller& staff,
                            core::OrderId id, OrderStatus goal, const MarkDemoPaid& mark_paid) {
    using enum OrderStatus;
    if (goal == cancelled)
        return cancel_order(tx, customer, {id, core::Text<0, 1000>::trusted("Ordered by mistake")});
    if (goal == pending) return get_order(tx, customer, {core::Text<1, 40>::trusted(id.str()), {}});
    if (auto paid = mark_paid(tx, staff, id); !paid) return paid;
    auto order = process_order(tx, staff, {id, {}});
    if (!order || goal == processing) return order;
    order =
        ship_order(tx, staff, parcel(id, goal == shipped ? "JD014600003828392837" : "JD014600003815527104"));
    if (!order || goal == shipped) return order;
    return deliver_order(tx, staff, {id, {}, {}});
}

}  // namespace

core::Result<void> place_demo_orders(store::Tx& tx, const core::Caller& customer, const core::Caller& staff,
                                     const users::PostalAddress& address,
                                     const std::vector<core::VariantId>& variants,
                                     const MarkDemoPaid& mark_paid) {
    using enum OrderStatus;
    if (has_orders(tx, customer.user.value()) || variants.empty()) return {};
    std::size_t next = 0;
    for (auto goal : {delivered, cancelled, shipped, processing, pending}) {
        auto first = variants[next++ % variants.size()];
        auto second = variants[next++ % variants.size()];
        auto order = order_some(tx, customer, address, {{first, 1}, {second, 2}});
        if (!order) return std::unexpected(std::move(order.error()));
        auto moved = move_on(tx, customer, staff, order->id, goal, mark_paid);
        if (!moved) return std::unexpected(std::move(moved.error()));
    }
    return {};
}

}  // namespace orders
