// Orders on their way: each step is one conditional update, so of two that exclude each other exactly one
// happens.
#include "orders/events.hpp"
#include "orders/queries.hpp"

namespace orders {
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

std::unexpected<core::Error> refuse_transition(std::string from, boost::json::array allowed) {
    std::string detail = "From " + from + " this step can't be taken.";
    return core::fail(ErrorCode::invalid_transition, std::move(detail),
                      {{"from", std::move(from)}, {"allowed", std::move(allowed)}});
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

// An order leaves whole, for now: `lines` may name all of it or be left out.
core::Result<void> check_whole(const Order& order, const std::vector<ShippedLine>& lines) {
    if (lines.empty()) return {};
    std::map<core::OrderLineId, std::int64_t> open;
    for (const auto& line : order.lines)
        open[line.id] = line.quantity;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string path = "/lines/" + std::to_string(i);
        auto line = open.find(lines[i].line_id);
        if (line == open.end())
            return core::fail_field(path + "/line_id", "not_found", "This order has no such line to ship.");
        if (line->second != lines[i].quantity) {
            return core::fail_field(
                path + "/quantity", "partial_shipment",
                "An order ships whole: this line has " + std::to_string(line->second) + ".");
        }
        open.erase(line);
    }
    if (!open.empty())
        return core::fail_field("/lines", "partial_shipment", "An order ships whole: lines are missing.");
    return {};
}

Shipment shipment_of(const Order& order, const ShipOrder& in, core::Time now) {
    Shipment shipment;
    shipment.id = core::ShipmentId::at(now);
    shipment.carrier = in.carrier.str();
    shipment.tracking_number = in.tracking_number.str();
    if (in.tracking_url) shipment.tracking_url = std::string(in.tracking_url->text());
    shipment.shipped_at = now;
    for (const auto& line : order.lines)
        shipment.lines.push_back({line.id, line.quantity});
    return shipment;
}

}  // namespace

core::Result<Order> process_order(store::Tx& tx, const core::Caller& caller, const OrderStep& in) {
    auto order = advance_by_staff(tx, in.id, OrderStatus::processing);
    if (order) record(tx, caller, *order, "processing", str(in.note));
    return order;
}

core::Result<Order> ship_order(store::Tx& tx, const core::Caller& caller, const ShipOrder& in) {
    auto order = advance_by_staff(tx, in.id, OrderStatus::shipped);
    if (!order) return order;
    if (auto whole = check_whole(*order, in.lines); !whole) return std::unexpected(std::move(whole.error()));
    const Shipment& shipment = order->shipments.emplace_back(shipment_of(*order, in, tx.now()));
    insert_shipment(tx, order->id, shipment);
    catalog::ship_stock(tx, order->id, stock_lines_of(*order), caller.actor());
    record(tx, caller, *order, "shipped", str(in.note));
    return order;
}

core::Result<Order> deliver_order(store::Tx& tx, const core::Caller& caller, const OrderStep& in) {
    auto order = advance_by_staff(tx, in.id, OrderStatus::delivered);
    if (!order) return order;
    set_delivered(tx, order->id);
    for (auto& shipment : order->shipments)
        shipment.delivered_at = tx.now();
    record(tx, caller, *order, "delivered", str(in.note));
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
    catalog::release_stock(tx, order->id, stock_lines_of(*order), caller.actor());
    record(tx, caller, *order, "cancelled", str(in.reason));
    return order;
}

core::Result<Order> mark_order_paid(store::Tx& tx, const core::Caller& caller, const OrderStep& in) {
    std::vector<std::string> from;
    for (auto status : payable)
        from.push_back(text_of(status));
    bool changed = change_payment_status(tx, in.id, from, PaymentStatus::paid);
    auto order = find_order(tx, in.id);
    if (!order) return core::not_found("order");
    if (!changed) {
        bool cancelled = order->status == OrderStatus::cancelled;
        return refuse_transition(cancelled ? text_of(order->status) : text_of(order->payment_status), {});
    }
    record(tx, caller, *order, "paid", str(in.note));
    return std::move(*order);
}

}  // namespace orders
