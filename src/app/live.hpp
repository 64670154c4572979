// Everything that is told as it happens: Socket.IO with the events of every room, fed by the event log.
#pragma once

#include "app/config.hpp"

#include "auth/auth.hpp"
#include "catalog/sockets.hpp"
#include "chat/sockets.hpp"
#include "jobs/live_feed.hpp"
#include "realtime/adapter.hpp"

namespace app {

class Live {
public:
    // The one list of rooms that speak over sockets. All parameters must outlive it.
    Live(const Config& config, const core::Clock& clock, const auth::Auth& auth, store::Database& database,
         nodes::Words& words);
    ~Live() { stop(); }
    Live(const Live&) = delete;
    Live& operator=(const Live&) = delete;

    http::Gateway gateway() { return hub_.gateway(); }
    std::size_t connection_count() const { return hub_.connection_count(); }
    std::uint64_t ignored_messages() const { return adapter_.ignored(); }

    // Hears every event of the database, those of other programs too. Before start().
    void add(jobs::LiveFeed::Hear hear) { feed_.add(std::move(hear)); }

    void watch(jobs::LiveFeed::Watch watch) { feed_.watch(std::move(watch)); }

    // What it does by the clock.
    jobs::Schedule schedule() { return chat_.schedule(); }

    void start() { feed_.start(); }  // before the server
    void stop();                     // behind it

private:
    realtime::Hub hub_;
    realtime::Adapter adapter_;
    jobs::LiveFeed feed_;
    chat::Sockets chat_;
    catalog::StockNews stock_;
};

}  // namespace app
