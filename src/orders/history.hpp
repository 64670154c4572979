// Orders that another shop took, with their totals, addresses and dates: they come in as history. This shop's
// stock isn't touched by them, nor by what is done with them later, and nobody is told: no event, so no
// letter, no webhook, nothing on sockets.
#pragma once

#include "catalog/catalog.hpp"
#include "orders/states.hpp"
#include "users/users.hpp"

namespace orders {

struct PastOrderLine {
    std::optional<core::VariantId> variant_id;  // absent: of something that this shop doesn't have
    std::optional<core::ProductId> product_id;
    std::optional<catalog::Sku> sku;
    catalog::Title title;
    std::map<std::string, catalog::OptionValue> options;
    core::Quantity quantity;
    core::Price unit_price;
};
BOOST_DESCRIBE_STRUCT(PastOrderLine, (), (variant_id, product_id, sku, title, options, quantity, unit_price))

struct PastOrder {
    std::optional<core::Email> email;  // absent: nobody can open it as a guest, and nobody is written to
    std::optional<core::UserId> user_id;
    OrderStatus status = OrderStatus::pending;
    PaymentStatus payment_status = PaymentStatus::unpaid;
    std::vector<PastOrderLine> lines;
    std::optional<core::Price> discount_total;
    std::optional<core::Price> shipping_total;
    std::optional<core::Price> tax_total;
    std::optional<core::Price> total;  // else the sum of the others
    users::PostalAddress shipping_address;
    std::optional<users::PostalAddress> billing_address;
    std::optional<core::Text<0, 2000>> note;
    std::optional<core::Text<1, 100>> former_number;
    std::optional<core::Text<1, 100>> carrier;
    std::optional<core::Text<1, 100>> tracking_number;
    core::Time created_at;
    std::optional<core::Time> paid_at;
    std::optional<core::Time> shipped_at;
    std::optional<core::Time> delivered_at;
    std::optional<core::Time> cancelled_at;
};
BOOST_DESCRIBE_STRUCT(PastOrder, (),
                      (email, user_id, status, payment_status, lines, discount_total, shipping_total,
                       tax_total, total, shipping_address, billing_address, note, former_number, carrier,
                       tracking_number, created_at, paid_at, shipped_at, delivered_at, cancelled_at))

struct BroughtOrder {
    core::OrderId id;
    bool sums_adjusted = false;  // its parts didn't add up: the difference stands in discount or shipping
};

// The total is what was paid, so it stays; taxes are on top of the prices or in them, as it adds up. 422
// without lines or for amounts of several currencies.
core::Result<BroughtOrder> bring_order(store::Tx& tx, const PastOrder& past);

// The same order as it stands there now. False, and nothing happens, if somebody has worked on it here since,
// or its customer had their data erased.
core::Result<bool> bring_order_again(store::Tx& tx, core::OrderId order, const PastOrder& past);

}  // namespace orders
