#include "app/live.hpp"

#include "auth/sockets.hpp"
#include "chat/followers.hpp"
#include "orders/sockets.hpp"

namespace app {
namespace {

realtime::HubOptions hub_options(const Config& config) {
    realtime::HubOptions options;
    options.origins = config.cors_origins;
    options.limits.deflate = config.socket_deflate_bytes_min > 0;
    options.limits.deflate_bytes_min = config.socket_deflate_bytes_min;
    return options;
}

}  // namespace

Live::Live(const Config& config, const core::Clock& clock, const auth::Auth& auth, store::Database& database,
           nodes::Words& words)
    : hub_(hub_options(config), clock),
      adapter_(hub_, words),
      feed_(database),
      chat_(hub_, database, words, config.chat),
      stock_(hub_, database) {
    hub_.of("/").admit(auth::admit_by_token(auth.authenticate(), clock, auth::Guests::refused));
    hub_.of("/storefront").admit(auth::admit_by_token(auth.authenticate(), clock, auth::Guests::welcome));
    orders::add_sockets(hub_);
    feed_.add(auth::disconnect_revoked(hub_));
    feed_.add(chat::live_news(hub_, database));
    feed_.add(orders::live_news(hub_, database));
    feed_.add(stock_.hear());
}

void Live::stop() {
    feed_.stop();
    chat_.stop();
}

}  // namespace app
