// Rows of the tables of orders, and orders put together out of them.
#pragma once

#include "orders/orders.hpp"

namespace orders {

struct OrderRow {
    core::OrderId id;
    std::int64_t number = 0;
    OrderStatus status = OrderStatus::pending;
    PaymentStatus payment_status = PaymentStatus::unpaid;
    std::string email;
    std::optional<core::UserId> user_id;
    core::Currency currency;
    std::int64_t subtotal = 0;
    std::int64_t discount_total = 0;
    std::int64_t shipping_total = 0;
    std::int64_t tax_total = 0;
    std::int64_t total = 0;
    std::string shipping_address;
    std::optional<std::string> billing_address;
    std::optional<std::string> note;
    core::Time created_at;
    core::Time updated_at;
    bool prices_include_tax = false;
    std::optional<std::string> terms;
    bool imported = false;
};
BOOST_DESCRIBE_STRUCT(OrderRow, (),
                      (id, number, status, payment_status, email, user_id, currency, subtotal, discount_total,
                       shipping_total, tax_total, total, shipping_address, billing_address, note, created_at,
                       updated_at, prices_include_tax, terms, imported))

// The columns of an OrderRow, of `orders as o`.
#define ORDER_COLUMNS                                                                                        \
    "o.id, o.number, o.status, o.payment_status, o.email, o.user_id, o.currency, o.subtotal, "               \
    "o.discount_total,"                                                                                      \
    " o.shipping_total, o.tax_total, o.total, o.shipping_address, o.billing_address, o.note, o.created_at, " \
    "o.updated_at, o.prices_include_tax, o.terms, o.imported"

// What was applied to an order's price, out of its row.
pricing::AppliedTerms terms_from(const std::optional<std::string>& json);

// The names that customers know of it.
void name_terms(Order& order, const pricing::AppliedTerms& terms);

// The first entry of every timeline, which has no row of its own.
TimelineEntry placing_of(const Order& order);

// Orders in the order of their rows, with lines, timelines and shipments: three statements, however many.
std::vector<Order> assembled(store::Tx& tx, std::vector<OrderRow> rows);
// The order whose row was asked for, if there is one; its lines travel together with it.
std::optional<Order> assembled(store::Tx& tx, core::OrderId order, store::Asked<OrderRow> asked);

}  // namespace orders
