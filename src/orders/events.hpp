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

// The payload of every event of orders ("order." and a type of the timeline); its subject is the order's id.
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

// 409 invalid_transition, with where the order is and where it could go.
std::unexpected<core::Error> refuse_transition(std::string from, boost::json::array allowed);

// Tells followers of the latest entry of the order's timeline: "order." and its type.
void announce(store::Tx& tx, const Order& order);
// Adds an entry to the timeline of an order whose row is locked, here and in the database, and announces it.
void record(store::Tx& tx, std::string actor, Order& order, const std::string& type,
            std::optional<std::string> note);

}  // namespace orders
