#include "orders/queries.hpp"

#include "core/json_write.hpp"
#include "orders/rows.hpp"

namespace orders {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t rates_forgotten_at_once = 500;

void insert_line(store::Tx& tx, const Order& order, std::int64_t number, std::size_t position) {
    const OrderLine& line = order.lines[position];
    std::string options = core::to_json(line.options);
    tx.run(
        "insert into order_lines (order_id, position, id, variant_id, product_id, sku, title, options, "
        "quantity,"
        " unit_price, total, discount, tax, ordered_at, order_number, shipped)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        order.id, position, line.id, line.variant_id, line.product_id, line.sku, line.title, options,
        line.quantity, line.unit_price.amount, line.total.amount, line.discount.amount, line.tax.amount,
        order.created_at, number, line.shipped);
}

}  // namespace

std::optional<Order> find_visible(store::Tx& tx, core::OrderId order, const Viewer& viewer) {
    return assembled(tx, order,
                     tx.ask<OrderRow>("select " ORDER_COLUMNS
                                      " from orders as o where o.id = $1 and (cast($2 as bigint) = 1"
                                      " or o.user_id = $3 or (o.user_id is null and o.email_key = $4))",
                                      order, viewer.sees_all, viewer.user, viewer.guest_email_key));
}

std::optional<Order> find_visible_by_number(store::Tx& tx, std::int64_t number, const Viewer& viewer) {
    auto orders =
        assembled(tx, tx.list<OrderRow>("select " ORDER_COLUMNS " from orders as o where o.number = $1"
                                        " and (cast($2 as bigint) = 1 or o.user_id = $3)",
                                        number, viewer.sees_all, viewer.user));
    if (orders.empty()) return {};
    return std::move(orders.front());
}

std::optional<OrderStatus> find_status(store::Tx& tx, core::OrderId order, const Viewer& viewer) {
    return tx.find<OrderStatus>(
        "select status from orders where id = $1 and (cast($2 as bigint) = 1 or user_id = $3)", order,
        viewer.sees_all, viewer.user);
}

bool has_orders(store::Tx& tx, core::UserId user) {
    return tx.find<std::int64_t>("select number from orders where user_id = $1 limit 1", user).has_value();
}

std::optional<std::string> find_terms(store::Tx& tx, core::OrderId order) {
    auto terms = tx.find<std::optional<std::string>>("select terms from orders where id = $1", order);
    return terms ? *terms : std::nullopt;
}

void insert_order(store::Tx& tx, Order& order, const std::string& email_key, bool has_own_billing_address,
                  const pricing::AppliedTerms& terms) {
    std::string shipping = core::to_json(order.shipping_address);
    std::optional<std::string> billing;
    if (has_own_billing_address) billing = core::to_json(order.billing_address);
    std::optional<std::string> terms_json;
    if (terms.discount || terms.shipping || terms.tax) terms_json = core::to_json(terms);
    auto number = tx.get<std::int64_t>(
        "insert into orders (id, user_id, email, email_key, status, payment_status, currency, subtotal, "
        "discount_total,"
        " shipping_total, tax_total, total, shipping_address, billing_address, note, created_at, updated_at,"
        " prices_include_tax, terms, imported) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
        "$13, "
        "$14, $15,"
        " $16, $17, $18, $19, $20) returning number",
        order.id, order.user_id, order.email, email_key, order.status, order.payment_status,
        order.total.currency, order.subtotal.amount, order.discount_total.amount, order.shipping_total.amount,
        order.tax_total.amount, order.total.amount, shipping, billing, order.note, order.created_at,
        order.updated_at, order.prices_include_tax, terms_json, order.imported);
    order.number = std::to_string(number);
    for (std::size_t position = 0; position < order.lines.size(); ++position)
        insert_line(tx, order, number, position);
}

void replace_order(store::Tx& tx, const Order& order, const std::string& email_key,
                   bool has_own_billing_address) {
    std::optional<std::string> billing;
    if (has_own_billing_address) billing = core::to_json(order.billing_address);
    const std::string shipping = core::to_json(order.shipping_address);
    tx.run("delete from shipment_lines where shipment_id in (select id from shipments where order_id = $1)",
           order.id);
    tx.run("delete from shipments where order_id = $1", order.id);
    tx.run("delete from order_timeline where order_id = $1", order.id);
    tx.run("delete from order_lines where order_id = $1", order.id);
    const auto number = tx.get<std::int64_t>(
        "update orders set user_id = $2, email = $3, email_key = $4, status = $5, payment_status = $6, "
        "currency = $7, subtotal = $8, discount_total = $9, shipping_total = $10, tax_total = $11, "
        "total = $12, shipping_address = $13, billing_address = $14, note = $15, created_at = $16, "
        "updated_at = $17, prices_include_tax = $18 where id = $1 returning number",
        order.id, order.user_id, order.email, email_key, order.status, order.payment_status,
        order.total.currency, order.subtotal.amount, order.discount_total.amount, order.shipping_total.amount,
        order.tax_total.amount, order.total.amount, shipping, billing, order.note, order.created_at,
        order.updated_at, order.prices_include_tax);
    for (std::size_t position = 0; position < order.lines.size(); ++position)
        insert_line(tx, order, number, position);
}

bool change_status(store::Tx& tx, core::OrderId order, const std::vector<std::string>& from, OrderStatus to,
                   const Viewer& viewer) {
    return tx.count_changed(
               "update orders set status = $3, updated_at = $4 where id = $1 and status = any($2)"
               " and (cast($5 as bigint) = 1 or user_id = $6)",
               order, from, to, tx.now(), viewer.sees_all, viewer.user) > 0;
}

bool change_payment_status(store::Tx& tx, core::OrderId order, const std::vector<std::string>& from,
                           PaymentStatus to) {
    return tx.count_changed(
               "update orders set payment_status = $3, updated_at = $4"
               " where id = $1 and payment_status = any($2) and status <> 'cancelled'",
               order, from, to, tx.now()) > 0;
}

bool set_payment_status(store::Tx& tx, core::OrderId order, const std::vector<std::string>& from,
                        PaymentStatus to) {
    return tx.count_changed(
               "update orders set payment_status = $3, updated_at = $4"
               " where id = $1 and payment_status = any($2)",
               order, from, to, tx.now()) > 0;
}

store::Asked<std::int64_t> count_rate(store::Tx& tx, std::string_view customer, std::int64_t max) {
    return tx.ask<std::int64_t>(
        "insert into order_rates (customer, hour, orders) values ($1, $2, 1)"
        " on conflict (customer, hour) do update set orders = order_rates.orders + 1"
        " where order_rates.orders < $3 returning orders",
        customer, tx.now().ms / hour_ms, max);
}

bool forget_rates(store::Tx& tx) {
    return tx.count_changed(
               "delete from order_rates where (customer, hour) in"
               " (select customer, hour from order_rates where hour < $1 limit $2)",
               tx.now().ms / hour_ms, rates_forgotten_at_once) == rates_forgotten_at_once;
}

void insert_last_of_timeline(store::Tx& tx, const Order& order) {
    const TimelineEntry& entry = order.timeline.back();
    tx.run(
        "insert into order_timeline (order_id, place, at, type, actor, note) values ($1, $2, $3, $4, $5, $6)",
        order.id, order.timeline.size(), entry.at, entry.type, entry.actor, entry.note);
}

bool ship_units(store::Tx& tx, core::OrderId order, core::OrderLineId line, std::int64_t quantity) {
    return tx.count_changed(
               "update order_lines set shipped = shipped + $3"
               " where order_id = $1 and id = $2 and shipped + $3 <= quantity",
               order, line, quantity) > 0;
}

void insert_shipment(store::Tx& tx, core::OrderId order, const Shipment& shipment) {
    tx.run(
        "insert into shipments (id, order_id, carrier, tracking_number, tracking_url, shipped_at, "
        "delivered_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        shipment.id, order, shipment.carrier, shipment.tracking_number, shipment.tracking_url,
        shipment.shipped_at, shipment.delivered_at);
    for (const auto& line : shipment.lines) {
        tx.run("insert into shipment_lines (shipment_id, line_id, quantity) values ($1, $2, $3)", shipment.id,
               line.line_id, line.quantity);
    }
}

bool set_delivered(store::Tx& tx, core::OrderId order, const std::optional<core::ShipmentId>& shipment) {
    return tx.count_changed(
               "update shipments set delivered_at = $2 where order_id = $1 and delivered_at is null"
               " and (cast($3 as text) is null or id = $3)",
               order, tx.now(), shipment) > 0;
}

std::optional<OrderStatus> lock_status(store::Tx& tx, core::OrderId order) {
    return tx.find<OrderStatus>("update orders set status = status where id = $1 returning status", order);
}

void insert_note(store::Tx& tx, core::OrderId order, const OrderNote& note) {
    tx.run("insert into order_notes (id, order_id, author, words, created_at) values ($1, $2, $3, $4, $5)",
           note.id, order, note.author, note.text, note.created_at);
}

std::vector<OrderNote> list_notes(store::Tx& tx, core::OrderId order, NoteId after, std::int64_t limit) {
    return tx.list<OrderNote>(
        "select id, author, words, created_at from order_notes where order_id = $1 and id > $2"
        " order by id limit $3",
        order, after, limit);
}

std::vector<catalog::StockLine> open_stock_lines_of(const Order& order) {
    std::vector<catalog::StockLine> lines;
    if (order.imported) return lines;
    for (const auto& line : order.lines) {
        if (line.quantity > line.shipped)
            lines.push_back({line.variant_id, line.product_id, line.quantity - line.shipped});
    }
    return lines;
}

std::optional<std::int64_t> number_from_text(std::string_view text) {
    std::int64_t number = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number < 0) return {};
    return number;
}

}  // namespace orders
