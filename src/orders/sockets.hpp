// News of orders over Socket.IO: `order:updated {order}` to its customer and to staff, `order:new {order}` to
// staff, in the namespace "/".
#pragma once

#include "jobs/live_feed.hpp"
#include "realtime/hub.hpp"

namespace orders {

// Before the server starts.
void add_sockets(realtime::Hub& hub);
jobs::LiveFeed::Hear live_news(realtime::Hub& hub, store::Database& database);

}  // namespace orders
