// Orders on their way: each step is one conditional update, so of two that exclude each other exactly one
// happens.
#include "orders/events.hpp"
#include "orders/queries.hpp"

#include <algorithm>

namespace orders {

std::unexpected<core::Error> refuse_transition(std::string from, boost::json::array allowed) {
    std::string detail = "From " + from + " this step can't be taken.";
    return core::fail(core::ErrorCode::invalid_transition, std::move(detail),
                      {{"from", std::move(from)}, {"allowed", std::move(allowed)}});
}

namespace {

using core::ErrorCode;
using core::Permission;

std::optional<std::string> str(const std::optional<core::Text<0, 1000>>& text) {
    if (!text || text->str().empty()) return {};
    return text->str();
}

constexpr Viewer staff_view() {
    return {true, {}, {}};
}

// Moves the order on, or says why not. What follows from the move is the caller's to do, in the same
// transaction.
core::Result<Order> advance(store::Tx& tx, core::OrderId id, OrderStatus to, Mover mover,
                            const Viewer& viewer) {
    if (!change_status(tx, id, sources_of(to, mover), to, viewer)) {
        auto from = find_status(tx, id, viewer);
        if (!from) return core::not_found("order");
        return refuse_transition(text_of(*from), targets_of(*from, mover));
    }
    return find_order(tx, id).value();
}

core::Result<Order> advance_by_staff(store::Tx& tx, core::OrderId id, OrderStatus to) {
    return advance(tx, id, to, Mover::staff, staff_view());
}

std::vector<ShipmentLine> all_that_is_left(const Order& order) {
    std::vector<ShipmentLine> parcel;
    for (const auto& line : order.lines) {
        if (line.quantity > line.shipped) parcel.push_back({line.id, line.quantity - line.shipped});
    }
    return parcel;
}

// What the parcel is to hold: the lines asked for, else everything that hasn't left.
core::Result<std::vector<ShipmentLine>> parcel_lines(const Order& order, const ShipOrder& in) {
    if (!in.lines) return all_that_is_left(order);
    if (in.lines->empty())
        return core::fail_field("/lines", "too_short",
                                "Name a line, or leave it out to ship all that is left.");
    std::vector<ShipmentLine> parcel;
    for (std::size_t i = 0; i < in.lines->size(); ++i) {
        const ShippedLine& asked = (*in.lines)[i];
        const std::string path = "/lines/" + std::to_string(i);
        if (std::ranges::count(order.lines, asked.line_id, &OrderLine::id) == 0)
            return core::fail_field(path + "/line_id", "not_found", "This order has no such line.");
        if (std::ranges::count(parcel, asked.line_id, &ShipmentLine::line_id) > 0)
            return core::fail_field(path + "/line_id", "repeated", "Name each line once.");
        parcel.push_back({asked.line_id, asked.quantity});
    }
    return parcel;
}

// Counts the units as shipped and takes them off the shelf.
core::Result<void> pack(store::Tx& tx, const core::Caller& caller, Order& order,
                        const std::vector<ShipmentLine>& parcel) {
    std::vector<catalog::StockLine> stock;
    for (std::size_t i = 0; i < parcel.size(); ++i) {
        auto& line = *std::ranges::find(order.lines, parcel[i].line_id, &OrderLine::id);
        if (!ship_units(tx, order.id, line.id, parcel[i].quantity)) {
            return core::fail_field(
                "/lines/" + std::to_string(i) + "/quantity", "too_many",
                "Of this line " + std::to_string(line.quantity - line.shipped) + " are left to ship.");
        }
        line.shipped += parcel[i].quantity;
        stock.push_back({line.variant_id, line.product_id, parcel[i].quantity});
    }
    if (!order.imported) catalog::ship_stock(tx, order.id, std::move(stock), caller.actor());
    return {};
}

Shipment shipment_of(const ShipOrder& in, std::vector<ShipmentLine> parcel, core::Time now) {
    Shipment shipment;
    shipment.id = core::ShipmentId::at(now);
    shipment.carrier = in.carrier.str();
    shipment.tracking_number = in.tracking_number.str();
    if (in.tracking_url) shipment.tracking_url = std::string(in.tracking_url->text());
    shipment.shipped_at = now;
    shipment.lines = std::move(parcel);
    return shipment;
}

// An order whose row is locked and may go to `to` by staff's hand.
core::Result<Order> lock_for(store::Tx& tx, core::OrderId id, OrderStatus to) {
    auto from = lock_status(tx, id);
    if (!from) return core::not_found("order");
    if (!may_go(*from, to, Mover::staff))
        return refuse_transition(text_of(*from), targets_of(*from, Mover::staff));
    return find_order(tx, id).value();
}

void set_status(store::Tx& tx, Order& order, OrderStatus to) {
    change_status(tx, order.id, {text_of(order.status)}, to, staff_view());
    order.status = to;
    order.updated_at = tx.now();
}

bool has_left_whole(const Order& order) {
    return std::ranges::all_of(order.lines, [](const auto& line) { return line.shipped == line.quantity; });
}

core::Result<Order> deliver_parcel(store::Tx& tx, const core::Caller& caller, const DeliverOrder& in) {
    auto from = lock_status(tx, in.id);
    if (!from) return core::not_found("order");
    if (*from != OrderStatus::processing && *from != OrderStatus::shipped)
        return refuse_transition(text_of(*from), targets_of(*from, Mover::staff));
    if (!set_delivered(tx, in.id, in.shipment_id)) return core::not_found("parcel on its way");
    auto order = find_order(tx, in.id).value();
    bool all_there =
        order.status == OrderStatus::shipped &&
        std::ranges::all_of(order.shipments, [](const auto& s) { return s.delivered_at.has_value(); });
    set_status(tx, order, all_there ? OrderStatus::delivered : order.status);
    record(tx, caller.actor(), order, all_there ? "delivered" : "parcel_delivered", str(in.note));
    return order;
}

}  // namespace

core::Result<Order> process_order(store::Tx& tx, const core::Caller& caller, const OrderStep& in) {
    auto order = advance_by_staff(tx, in.id, OrderStatus::processing);
    if (order) record(tx, caller.actor(), *order, "processing", str(in.note));
    return order;
}

core::Result<Order> ship_order(store::Tx& tx, const core::Caller& caller, const ShipOrder& in) {
    auto order = lock_for(tx, in.id, OrderStatus::shipped);
    if (!order) return order;
    auto parcel = parcel_lines(*order, in);
    if (!parcel) return std::unexpected(std::move(parcel.error()));
    if (auto packed = pack(tx, caller, *order, *parcel); !packed)
        return std::unexpected(std::move(packed.error()));
    insert_shipment(tx, order->id,
                    order->shipments.emplace_back(shipment_of(in, std::move(*parcel), tx.now())));
    const bool whole = has_left_whole(*order);
    set_status(tx, *order, whole ? OrderStatus::shipped : OrderStatus::processing);
    record(tx, caller.actor(), *order, whole ? "shipped" : "partially_shipped", str(in.note));
    return order;
}

core::Result<Order> deliver_order(store::Tx& tx, const core::Caller& caller, const DeliverOrder& in) {
    if (in.shipment_id) return deliver_parcel(tx, caller, in);
    auto order = advance_by_staff(tx, in.id, OrderStatus::delivered);
    if (!order) return order;
    set_delivered(tx, order->id, {});
    for (auto& shipment : order->shipments)
        shipment.delivered_at = shipment.delivered_at.value_or(tx.now());
    record(tx, caller.actor(), *order, "delivered", str(in.note));
    return order;
}

core::Result<Order> cancel_order(store::Tx& tx, const core::Caller& caller, const CancelOrder& in) {
    bool staff = caller.may(Permission::orders_write);
    auto order = advance(tx, in.id, OrderStatus::cancelled, staff ? Mover::staff : Mover::customer,
                         {staff, caller.user, {}});
    if (!order) {
        bool only_reads = order.error().code == ErrorCode::not_found && caller.may(Permission::orders_read);
        if (only_reads && find_status(tx, in.id, staff_view())) {
            return core::fail(ErrorCode::forbidden, "You may read this order, not cancel it.");
        }
        return order;
    }
    pricing::return_discount(tx, order->id);
    catalog::release_stock(tx, order->id, open_stock_lines_of(*order), caller.actor());
    record(tx, caller.actor(), *order, "cancelled", str(in.reason));
    return order;
}

}  // namespace orders
