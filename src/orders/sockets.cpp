#include "orders/sockets.hpp"

#include "orders/orders.hpp"

#include "core/caller.hpp"
#include "core/or_throw.hpp"

namespace orders {
namespace {

constexpr std::string_view staff_room = "orders";

struct OrderNews {
    Order order;
};
BOOST_DESCRIBE_STRUCT(OrderNews, (), (order))

// However often an order changed in one batch, it is read and told once: as it is now.
void tell(realtime::Namespace& space, store::Tx& tx, std::string_view subject, bool is_new) {
    auto id = core::OrderId::from_text(subject);
    auto order = id ? find_order(tx, *id) : std::nullopt;
    if (!order) return;
    auto audience = space.to(std::string(staff_room));
    if (order->user_id) audience.to(realtime::Namespace::user_room(*order->user_id));
    OrderNews news{std::move(*order)};
    if (is_new) space.to(std::string(staff_room)).emit("order:new", news);
    audience.emit("order:updated", news);
}

}  // namespace

void add_sockets(realtime::Hub& hub) {
    hub.of("/").on_connect([](realtime::Socket& socket) {
        if (socket.caller().may(core::Permission::orders_read)) socket.join(std::string(staff_room));
    });
}

jobs::LiveFeed::Hear live_news(realtime::Hub& hub, store::Database& database) {
    return [&space = hub.of("/"), &database](std::span<const store::Event> events) {
        if (space.socket_count() == 0) return;
        std::map<std::string, bool> changed;  // and whether it is new
        for (const auto& event : events) {
            if (event.type.starts_with("order.")) changed[event.subject] |= event.type == "order.placed";
        }
        if (changed.empty()) return;
        core::or_throw(store::read_now(database, [&](store::Tx& tx) {
            for (const auto& [subject, is_new] : changed)
                tell(space, tx, subject, is_new);
        }));
    };
}

}  // namespace orders
