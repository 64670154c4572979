// Stock as it changes, over Socket.IO: whoever emits `product:watch {product_id}` in the namespace
// "/storefront", where guests are welcome, is acked {ok, stock} and hears `stock {product_id, variants:
// [{variant_id, available}]}` until `product:unwatch {product_id}`.
#pragma once

#include "core/id.hpp"
#include "jobs/live_feed.hpp"
#include "realtime/hub.hpp"

#include <map>
#include <mutex>

namespace catalog {

class StockNews {
public:
    // Declares the events; before the server starts. Both must outlive it.
    StockNews(realtime::Hub& hub, store::Database& database);

    jobs::LiveFeed::Hear hear();

private:
    void add_watcher(core::ProductId product);
    void remove_watcher(core::ProductId product);
    bool is_watched(core::ProductId product);

    realtime::Namespace& space_;
    store::Database& database_;
    std::mutex mutex_;
    std::map<core::ProductId, std::size_t> watchers_;  // what nobody watches isn't read
};

}  // namespace catalog
