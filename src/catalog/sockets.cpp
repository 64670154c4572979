#include "catalog/sockets.hpp"

#include "catalog/product.hpp"
#include "core/or_throw.hpp"
#include "realtime/typed.hpp"

#include <set>

namespace catalog {
namespace {

using boost::asio::awaitable;
using realtime::Socket;

constexpr std::size_t watched_max = 100;  // products of one client: more than a page of a list shows

struct WatchedProduct {
    core::ProductId product_id;
};
BOOST_DESCRIBE_STRUCT(WatchedProduct, (), (product_id))

struct VariantStock {
    core::VariantId variant_id;
    std::int64_t available = 0;
};
BOOST_DESCRIBE_STRUCT(VariantStock, (), (variant_id, available))

struct ProductStock {
    core::ProductId product_id;
    std::vector<VariantStock> variants;
};
BOOST_DESCRIBE_STRUCT(ProductStock, (), (product_id, variants))

struct WatchedStock {
    ProductStock stock;
};
BOOST_DESCRIBE_STRUCT(WatchedStock, (), (stock))

using WatchedProducts = std::set<core::ProductId>;

WatchedProducts& watched_by(Socket& socket) {
    if (!socket.data().has_value()) socket.data() = WatchedProducts{};
    return std::any_cast<WatchedProducts&>(socket.data());
}

std::string room_of(core::ProductId product) {
    return "stock:" + product.str();
}

ProductStock stock_of(const Product& product) {
    ProductStock stock{product.id, {}};
    for (const auto& variant : product.variants)
        stock.variants.push_back({variant.id, variant.stock.available});
    return stock;
}

// What the public sees: a draft has no stock to tell of.
core::Result<ProductStock> read_stock(store::Tx& tx, core::ProductId product) {
    auto found = get_product(tx, core::Caller{}, {ProductReference(product)});
    if (!found) return std::unexpected(std::move(found.error()));
    return stock_of(*found);
}

}  // namespace

StockNews::StockNews(realtime::Hub& hub, store::Database& database)
    : space_(hub.of("/storefront")), database_(database) {
    realtime::answers(space_, "product:watch",
                      [this](Socket socket, WatchedProduct in) -> awaitable<core::Result<WatchedStock>> {
                          auto& watched = watched_by(socket);
                          if (!watched.contains(in.product_id)) {
                              if (watched.size() >= watched_max)
                                  co_return core::fail(core::ErrorCode::rate_limited,
                                                       "A client watches 100 products at most.");
                              watched.insert(in.product_id);
                              add_watcher(in.product_id);
                          }
                          // The room first: what changes while this is read is heard.
                          socket.join(room_of(in.product_id));
                          auto stock = co_await store::read(
                              database_, [&](store::Tx& tx) { return read_stock(tx, in.product_id); });
                          if (!stock) {
                              socket.leave(room_of(in.product_id));
                              if (watched_by(socket).erase(in.product_id) > 0) remove_watcher(in.product_id);
                              co_return std::unexpected(std::move(stock.error()));
                          }
                          co_return WatchedStock{std::move(*stock)};
                      });
    realtime::hears(space_, "product:unwatch", [this](Socket& socket, const WatchedProduct& in) {
        socket.leave(room_of(in.product_id));
        if (watched_by(socket).erase(in.product_id) > 0) remove_watcher(in.product_id);
    });
    space_.on_disconnect([this](Socket& socket, realtime::Reason) {
        for (const auto& product : std::exchange(watched_by(socket), {}))
            remove_watcher(product);
    });
}

jobs::LiveFeed::Hear StockNews::hear() {
    return [this](std::span<const store::Event> events) {
        std::set<core::ProductId> changed;
        for (const auto& event : events) {
            if (event.type != "stock.changed") continue;
            if (auto product = core::ProductId::from_text(event.subject); product && is_watched(*product))
                changed.insert(*product);
        }
        if (changed.empty()) return;
        core::or_throw(store::read_now(database_, [&](store::Tx& tx) {
            for (const auto& product : changed) {
                if (auto stock = read_stock(tx, product)) space_.to(room_of(product)).emit("stock", *stock);
            }
        }));
    };
}

void StockNews::add_watcher(core::ProductId product) {
    std::lock_guard lock(mutex_);
    ++watchers_[product];
}

void StockNews::remove_watcher(core::ProductId product) {
    std::lock_guard lock(mutex_);
    auto found = watchers_.find(product);
    if (found != watchers_.end() && --found->second == 0) watchers_.erase(found);
}

bool StockNews::is_watched(core::ProductId product) {
    std::lock_guard lock(mutex_);
    return watchers_.contains(product);
}

}  // namespace catalog
