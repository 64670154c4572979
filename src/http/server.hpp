// Listens and serves: one thread with its own io_context and its own acceptor for each core (SO_REUSEPORT, or
// all on one socket that was passed). A connection stays on the thread that took it.
#pragma once

#include "http/access_log.hpp"
#include "http/exchange.hpp"

#include <memory>
#include <string>
#include <vector>

namespace http {

struct ServerOptions {
    std::string address = "127.0.0.1";  // IPv4 or IPv6, numeric
    unsigned short port = 8080;         // 0: any free one, see Server::port()
    int socket = -1;                    // listens already, as systemd passes it; -1: bind the address
    unsigned threads = 0;               // 0: one for each core
    core::LogFormat log_format = core::LogFormat::text;
};

class Server {
public:
    // Binds and listens. Throws std::runtime_error with what to do if the address can't be had.
    Server(Shop& shop, const ServerOptions& options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    unsigned short port() const;

    // Serves on its own threads until stop() has done its work.
    void run();

    // Stops accepting, lets requests in flight finish within limits.stop_timeout, then run() returns.
    // Callable from any thread, more than once.
    void stop();

private:
    class Worker;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace http
