// A part of the URL space whose requests don't fit the mould of endpoints: answers that wait for news, and
// connections that become something else (RFC 9110 §7.8). realtime/ provides one.
#pragma once

#include "http/message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <functional>

namespace http {

class Session;

// A connection on its way to a new owner.
struct Handover {
    boost::asio::ip::tcp::socket socket;  // of the thread that served the request
    std::string unread;                   // what arrived behind the request
    std::shared_ptr<void> place;          // one of the server's connections until nobody holds it any more
};

// The connection of the request that is being served.
class Visit {
public:
    // `begun`: what Gateway::begin answered for this request.
    Visit(Session& session, std::shared_ptr<void> begun) : session_(session), begun_(std::move(begun)) {}

    // Calls `gone` on this thread if the client leaves before the request is answered.
    void when_gone(std::function<void()> gone);
    // Ends the HTTP of this connection: what serve() returns afterwards is logged, not sent.
    Handover take();
    const std::shared_ptr<void>& begun() const { return begun_; }

private:
    Session& session_;
    std::shared_ptr<void> begun_;
};

struct Gateway {
    std::string path;  // "/socket.io/"; without its last slash as well
    // Called once for each I/O thread before anything is accepted.
    std::function<void(unsigned thread, boost::asio::io_context& io)> start;
    // On that thread: no more requests come. What waits is to be answered and what was taken to be closed by
    // then, so that the thread can end.
    std::function<void(unsigned thread, std::chrono::steady_clock::time_point deadline)> stop;
    // The head of a request with a body is there, the body not yet. What is given back is held until the
    // request is answered or its connection has ended. May be empty.
    std::function<std::shared_ptr<void>(unsigned thread, const Request& head)> begin;
    // Everything but CORS preflight. The request stays valid until the answer is there.
    std::function<boost::asio::awaitable<Reply>(unsigned thread, const Request& request, Visit& visit)> serve;

    bool owns(std::string_view request_path) const {
        return request_path == path ||
               (request_path.size() + 1 == path.size() && path.starts_with(request_path));
    }
};

// The one that owns `path`, or null.
inline const Gateway* find_gateway(const std::vector<Gateway>& gateways, std::string_view path) {
    auto found = std::ranges::find_if(gateways, [&](const Gateway& gateway) { return gateway.owns(path); });
    return found == gateways.end() ? nullptr : &*found;
}

}  // namespace http
