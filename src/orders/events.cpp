#include "orders/events.hpp"

#include "core/json_write.hpp"
#include "orders/queries.hpp"

namespace orders {

void record(store::Tx& tx, const core::Caller& caller, Order& order, const std::string& type,
            std::optional<std::string> note) {
    const auto& entry = order.timeline.emplace_back(tx.now(), type, caller.actor(), std::move(note));
    insert_timeline(tx, order.id, entry);

    OrderEvent event{order.id, order.number, order.status, order.payment_status, order.user_id, order.total,
                     {}};
    for (const auto& line : order.lines)
        event.lines.push_back({line.variant_id, line.product_id, line.quantity});
    tx.append_event("order." + type, order.id.str(), core::to_json(event));
}

}  // namespace orders
