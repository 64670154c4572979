// What the event log says of an order: enough to decide whether to look, never an address.
#pragma once

#include "orders/orders.hpp"

namespace orders {

struct OrderEventLine {
    core::VariantId variant_id;
    core::ProductId product_id;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(OrderEventLine, (), (variant_id, product_id, quantity))

// The payload of order.placed, order.processing, order.shipped, order.delivered, order.cancelled and
// order.paid; the event's subject is the order's id.
struct OrderEvent {
    core::OrderId id;
    std::string number;
    OrderStatus status = OrderStatus::pending;
    PaymentStatus payment_status = PaymentStatus::unpaid;
    std::optional<core::UserId> user_id;
    core::Money total;
    std::vector<OrderEventLine> lines;
};
BOOST_DESCRIBE_STRUCT(OrderEvent, (), (id, number, status, payment_status, user_id, total, lines))

// Tells followers of the latest entry of the order's timeline: "order." and its type.
void announce(store::Tx& tx, const Order& order);
// Adds an entry to the timeline of an order whose row is locked, here and in the database, and announces it.
void record(store::Tx& tx, const core::Caller& caller, Order& order, const std::string& type,
            std::optional<std::string> note);

}  // namespace orders
