#include "orders/events.hpp"

#include "core/json_write.hpp"
#include "orders/queries.hpp"

namespace orders {

void announce(store::Tx& tx, const Order& order) {
    OrderEvent event{order.id, order.number, order.status, order.payment_status, order.user_id, order.total,
                     {}};
    for (const auto& line : order.lines)
        event.lines.push_back({line.variant_id, line.product_id, line.quantity});
    tx.append_event("order." + order.timeline.back().type, order.id.str(), core::to_json(event));
}

void record(store::Tx& tx, std::string actor, Order& order, const std::string& type,
            std::optional<std::string> note) {
    order.timeline.emplace_back(tx.now(), type, std::move(actor), std::move(note));
    insert_last_of_timeline(tx, order);
    announce(tx, order);
}

}  // namespace orders
