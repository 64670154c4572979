// A part of the URL space whose requests don't fit the mould of endpoints: answers that wait for news, and
// connections that become something else (RFC 9110 §7.8). realtime/ provides one.
#pragma once

#include "http/message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

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
    explicit Visit(Session& session) : session_(session) {}

    // Calls `gone` on this thread if the client leaves before the request is answered.
    void when_gone(std::function<void()> gone);
    // Ends the HTTP of this connection: what serve() returns afterwards is logged, not sent.
    Handover take();

private:
    Session& session_;
};

struct Gateway {
    std::string path;  // "/socket.io/"; without its last slash as well
    // Called once for each I/O thread before anything is accepted.
    std::function<void(unsigned thread, boost::asio::io_context& io)> start;
    // On that thread: no more requests come. What waits is to be answered and what was taken to be closed by
    // then, so that the thread can end.
    std::function<void(unsigned thread, std::chrono::steady_clock::time_point deadline)> stop;
    // Everything but CORS preflight. The request stays valid until the answer is there.
    std::function<boost::asio::awaitable<Reply>(unsigned thread, const Request& request, Visit& visit)> serve;

    bool owns(std::string_view request_path) const {
        return request_path == path ||
               (request_path.size() + 1 == path.size() && path.starts_with(request_path));
    }
};

}  // namespace http
