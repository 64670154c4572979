#include "orders/rows.hpp"

#include "core/json_read.hpp"

#include <boost/json/parse.hpp>

namespace orders {
namespace {

struct LineRow {
    core::OrderId order_id;
    core::OrderLineId id;
    core::VariantId variant_id;
    core::ProductId product_id;
    std::string sku;
    std::string title;
    std::string options;
    std::int64_t quantity = 0;
    std::int64_t shipped = 0;
    std::int64_t unit_price = 0;
    std::int64_t total = 0;
    std::int64_t discount = 0;
    std::int64_t tax = 0;
};
BOOST_DESCRIBE_STRUCT(LineRow, (),
                      (order_id, id, variant_id, product_id, sku, title, options, quantity, shipped,
                       unit_price, total, discount, tax))

struct TimelineRow {
    core::OrderId order_id;
    core::Time at;
    std::string type;
    std::string actor;
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(TimelineRow, (), (order_id, at, type, actor, note))

struct ShipmentRow {
    core::OrderId order_id;
    core::ShipmentId id;
    std::string carrier;
    std::string tracking_number;
    std::optional<std::string> tracking_url;
    core::Time shipped_at;
    std::optional<core::Time> delivered_at;
    core::OrderLineId line_id;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(ShipmentRow, (),
                      (order_id, id, carrier, tracking_number, tracking_url, shipped_at, delivered_at,
                       line_id, quantity))

users::PostalAddress address_from(const std::string& json) {
    auto address = core::from_json<users::PostalAddress>(json);
    if (!address) throw std::runtime_error("an order holds a malformed address: " + address.error().detail);
    return std::move(*address);
}

std::map<std::string, std::string> options_from(const std::string& json) {
    std::map<std::string, std::string> options;
    if (json == "{}") return options;
    for (const auto& entry : boost::json::parse(json).as_object()) {
        options.emplace(entry.key(), entry.value().as_string());
    }
    return options;
}

}  // namespace

pricing::AppliedTerms terms_from(const std::optional<std::string>& json) {
    if (!json) return {};
    auto terms = core::from_json<pricing::AppliedTerms>(*json);
    if (!terms) throw std::runtime_error("an order holds malformed terms: " + terms.error().detail);
    return std::move(*terms);
}

void name_terms(Order& order, const pricing::AppliedTerms& terms) {
    if (terms.discount) order.discount_code = terms.discount->code.str();
    if (terms.shipping) order.shipping_method = terms.shipping->name.str();
}

namespace {

Order order_of(OrderRow& row) {
    Order order;
    order.id = row.id;
    order.number = std::to_string(row.number);
    order.status = row.status;
    order.payment_status = row.payment_status;
    order.email = std::move(row.email);
    order.user_id = row.user_id;
    order.subtotal = {row.subtotal, row.currency};
    order.discount_total = {row.discount_total, row.currency};
    order.shipping_total = {row.shipping_total, row.currency};
    order.tax_total = {row.tax_total, row.currency};
    order.total = {row.total, row.currency};
    order.prices_include_tax = row.prices_include_tax;
    name_terms(order, terms_from(row.terms));
    order.shipping_address = address_from(row.shipping_address);
    order.billing_address = row.billing_address ? address_from(*row.billing_address) : order.shipping_address;
    order.note = std::move(row.note);
    order.imported = row.imported;
    order.created_at = row.created_at;
    order.updated_at = row.updated_at;
    return order;
}

using ById = std::map<core::OrderId, Order*>;

// One order is by far the most frequent case, and engines plan a plain look-up better than a list of one.
template <class Row>
store::Asked<Row> ask_rows(store::Tx& tx, store::Sql of_one, store::Sql of_many,
                           const std::vector<std::string>& ids) {
    if (ids.empty()) return {};
    return ids.size() == 1 ? tx.ask<Row>(of_one, ids.front()) : tx.ask<Row>(of_many, ids);
}

#define LINES(which)                                                                                    \
    "select order_id, id, variant_id, product_id, sku, title, options, quantity, shipped, unit_price, " \
    "total,"                                                                                            \
    " discount, tax"                                                                                    \
    " from order_lines where order_id " which " order by order_id, position"
#define TIMELINES(which)                                                               \
    "select order_id, at, type, actor, note from order_timeline where order_id " which \
    " order by order_id, place"
#define SHIPMENTS(which)                                                                                   \
    "select s.order_id, s.id, s.carrier, s.tracking_number, s.tracking_url, s.shipped_at, s.delivered_at," \
    " l.line_id, l.quantity from shipments as s join shipment_lines as l on l.shipment_id = s.id"          \
    " where s.order_id " which " order by s.order_id, s.id, l.line_id"

store::Asked<LineRow> ask_lines(store::Tx& tx, const std::vector<std::string>& ids) {
    return ask_rows<LineRow>(tx, LINES("= $1"), LINES("= any($1)"), ids);
}

void add_lines(const ById& orders, std::vector<LineRow> rows) {
    for (auto& row : rows) {
        Order& order = *orders.at(row.order_id);
        const auto& currency = order.total.currency;
        order.lines.push_back({row.id,
                               row.variant_id,
                               row.product_id,
                               std::move(row.sku),
                               std::move(row.title),
                               options_from(row.options),
                               row.quantity,
                               row.shipped,
                               {row.unit_price, currency},
                               {row.total, currency},
                               {row.discount, currency},
                               {row.tax, currency}});
    }
}

void add_timelines(const ById& orders, std::vector<TimelineRow> rows) {
    for (auto& row : rows) {
        orders.at(row.order_id)
            ->timeline.push_back({row.at, std::move(row.type), std::move(row.actor), std::move(row.note)});
    }
}

void add_shipments(const ById& orders, std::vector<ShipmentRow> rows) {
    for (auto& row : rows) {
        auto& shipments = orders.at(row.order_id)->shipments;
        if (shipments.empty() || shipments.back().id != row.id) {
            shipments.push_back({row.id,
                                 std::move(row.carrier),
                                 std::move(row.tracking_number),
                                 std::move(row.tracking_url),
                                 {},
                                 row.shipped_at,
                                 row.delivered_at});
        }
        shipments.back().lines.push_back({row.line_id, row.quantity});
    }
}

// Every step changes one of the two, and none leads back.
bool was_placed_only(const Order& order) {
    return !order.imported && order.status == OrderStatus::pending &&
           order.payment_status == PaymentStatus::unpaid;
}

// Of an order that is processing or was cancelled a part may have left.
bool may_have_shipments(const Order& order) {
    return order.status != OrderStatus::pending;
}

std::vector<Order> put_together(store::Tx& tx, std::vector<OrderRow> rows, store::Asked<LineRow> lines) {
    std::vector<Order> orders;
    orders.reserve(rows.size());
    std::vector<std::string> moved;
    std::vector<std::string> shipped;
    ById by_id;
    for (auto& row : rows) {
        Order& order = orders.emplace_back(order_of(row));
        order.timeline.push_back(placing_of(order));
        if (!was_placed_only(order)) moved.push_back(order.id.str());
        if (may_have_shipments(order)) shipped.push_back(order.id.str());
        by_id.emplace(order.id, &order);
    }
    auto timelines = ask_rows<TimelineRow>(tx, TIMELINES("= $1"), TIMELINES("= any($1)"), moved);
    auto shipments = ask_rows<ShipmentRow>(tx, SHIPMENTS("= $1"), SHIPMENTS("= any($1)"), shipped);
    add_lines(by_id, lines.list());
    add_timelines(by_id, timelines.list());
    add_shipments(by_id, shipments.list());
    return orders;
}

}  // namespace

TimelineEntry placing_of(const Order& order) {
    return {order.created_at, "placed", order.user_id ? order.user_id->str() : "guest", {}};
}

std::vector<Order> assembled(store::Tx& tx, std::vector<OrderRow> rows) {
    std::vector<std::string> ids;
    for (const OrderRow& row : rows)
        ids.push_back(row.id.str());
    auto lines = ask_lines(tx, ids);
    return put_together(tx, std::move(rows), std::move(lines));
}

std::optional<Order> assembled(store::Tx& tx, core::OrderId id, store::Asked<OrderRow> asked) {
    auto lines = ask_lines(tx, {id.str()});
    auto rows = asked.list();
    if (rows.empty()) return {};
    return std::move(put_together(tx, std::move(rows), std::move(lines)).front());
}

}  // namespace orders
