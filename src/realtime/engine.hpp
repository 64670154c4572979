// An Engine.IO 4 server: takes the requests of its path, opens sessions, brings each request to the thread
// where its session lives. What a session carries is its user's: `open` makes it.
#pragma once

#include "realtime/connection.hpp"
#include "realtime/engine_replies.hpp"

#include "core/error.hpp"
#include "core/time.hpp"

namespace realtime {

struct EngineOptions {
    std::string path;
    Limits limits;
    std::vector<std::string>
        origins;  // web pages that may open a WebSocket besides the server's own; "*": any
    bool keeps_headers = false;
    std::function<boost::asio::awaitable<core::Result<void>>(const Opening&)> allow;
};

class Engine {
public:
    using Open = std::function<std::shared_ptr<Receiver>(Connection&)>;

    Engine(EngineOptions options, Open open);

    http::Gateway gateway();
    const Limits& limits() const { return options_.limits; }
    // The lanes don't change once the server runs.
    const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }
    std::size_t connection_count() const;

private:
    using Reply = boost::asio::awaitable<http::Reply>;

    struct Asked;
    static std::expected<Asked, http::Reply> read(const http::Request& request);
    Opening opening_of(const http::Request& request, Asked& asked) const;
    bool is_own_page(const http::Request& request) const;

    struct Posting;
    std::shared_ptr<void> begin_post(const http::Request& head);

    Reply serve(Lane& lane, const http::Request& request, http::Visit& visit);
    Reply open_session(Lane& lane, const http::Request& request, http::Visit& visit, Asked asked);
    Reply serve_polling(const http::Request& request, http::Visit& visit, std::string id);
    Reply serve_upgrade(Lane& lane, const http::Request& request, http::Visit& visit, std::string id);
    std::shared_ptr<Connection> make_connection(Lane& lane, Transport transport, Opening opening);
    Lane* lane_of(std::string_view id) const;
    bool takes_deflate(const http::Request& request) const;

    EngineOptions options_;
    Open open_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::atomic<std::uint64_t> requests_{0};  // of polling, to tell one from the next
};

}  // namespace realtime
