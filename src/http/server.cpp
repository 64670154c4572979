#include "http/server.hpp"

#include "core/thread.hpp"
#include "http/listening.hpp"
#include "http/problem.hpp"
#include "http/session.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>

namespace http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr milliseconds sweep_interval{1000};
constexpr milliseconds sweep_interval_stopping{50};
constexpr milliseconds accept_retry{100};  // when the system is out of file descriptors

constexpr std::string_view too_many_connections =
    "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

std::string random_prefix() {
    return "req_" + core::to_hex(core::random_bytes<6>());
}

}  // namespace

class Server::Worker {
public:
    using Listen = std::function<tcp::acceptor(asio::io_context&)>;

    Worker(Shop& shop, core::LogFormat log_format, const Listen& listen, unsigned number)
        : shop_(shop),
          kept_(shop.changes, shop.limits.kept_bytes_max),
          exchange_(shop, kept_),
          access_log_(log_format, shop.limits.slow_request),
          desk_{shop, exchange_, access_log_, {}, random_prefix(), 0, false, number},
          acceptor_(listen(io_)),
          sweep_timer_(io_) {
        for (Gateway& gateway : shop_.gateways)
            gateway.start(number, io_);
    }

    tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

    void run() {
        core::name_thread("http");
        asio::co_spawn(io_, accept(), rethrow);
        asio::co_spawn(io_, sweep(), rethrow);
        io_.run();
        access_log_.flush();
    }

    void stop() {
        asio::post(io_, [this] {
            if (desk_.stopping) return;
            desk_.stopping = true;
            take_queued();
            error_code ignored;
            acceptor_.close(ignored);
            for (Session& session : sessions_)
                session.stop_when_idle();
            stop_deadline_ = Clock::now() + shop_.limits.stop_timeout;
            sweep_timer_.cancel();
            for (Gateway& gateway : shop_.gateways)
                gateway.stop(desk_.thread, stop_deadline_);
        });
    }

private:
    static void rethrow(const std::exception_ptr& failed) {
        if (failed) std::rethrow_exception(failed);
    }

    asio::awaitable<void> accept() {
        while (acceptor_.is_open()) {
            error_code failed;
            Socket socket =
                co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
            if (!failed) {
                open(std::move(socket));
            } else if (acceptor_.is_open() && failed != asio::error::operation_aborted) {
                asio::steady_timer pause(io_, accept_retry);
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
            }
        }
    }

    // Connections that the kernel has completed but nobody accepted are served, not reset.
    void take_queued() {
        error_code failed;
        acceptor_.non_blocking(true, failed);
        while (!failed) {
            Socket socket(io_);
            acceptor_.accept(socket, failed);
            if (!failed) open(std::move(socket));
        }
    }

    void open(Socket socket) {
        if (shop_.connections.fetch_add(1) >= shop_.limits.connections_max) {
            shop_.connections.fetch_sub(1);
            error_code ignored;
            socket.non_blocking(true, ignored);
            socket.write_some(asio::buffer(too_many_connections), ignored);
            return;
        }
        shop_.metrics.connections().Increment();
        std::shared_ptr<void> place(&shop_, [](Shop* shop) {
            shop->metrics.connections().Decrement();
            shop->connections.fetch_sub(1);
        });
        sessions_.emplace_front(std::move(socket), desk_, std::move(place));
        auto session = sessions_.begin();
        asio::co_spawn(io_, session->run(), [this, session](const std::exception_ptr& failed) {
            sessions_.erase(session);
            if (desk_.stopping && sessions_.empty()) sweep_timer_.cancel();
            rethrow(failed);
        });
    }

    asio::awaitable<void> sweep() {
        while (!desk_.stopping || !sessions_.empty()) {
            sweep_timer_.expires_after(desk_.stopping ? sweep_interval_stopping : sweep_interval);
            error_code cancelled;
            co_await sweep_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
            auto now = Clock::now();
            bool overdue = desk_.stopping && now >= stop_deadline_;
            for (Session& session : sessions_)
                overdue ? session.close() : session.check_deadline(now);
            access_log_.flush();
        }
    }

    Shop& shop_;
    Kept kept_;
    Exchange exchange_;
    AccessLog access_log_;
    Desk desk_;
    asio::io_context io_{1};
    tcp::acceptor acceptor_;
    asio::steady_timer sweep_timer_;
    std::list<Session> sessions_;
    Clock::time_point stop_deadline_;
};

Server::Server(Shop& shop, const ServerOptions& options) {
    error_code failed;
    auto address = asio::ip::make_address(options.address, failed);
    if (failed)
        throw std::runtime_error("\"" + options.address + "\" is not a numeric IP address to listen on.");
    tcp::endpoint endpoint(address, options.port);
    unsigned threads =
        options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    auto listening = [&](asio::io_context& io) {
        return options.socket < 0 ? listen(io, endpoint, workers_.empty())
                                  : share(io, options.socket, endpoint);
    };
    for (unsigned i = 0; i < threads; ++i) {
        workers_.push_back(std::make_unique<Worker>(shop, options.log_format, listening, i));
        endpoint = workers_.front()->endpoint();
    }
}

Server::~Server() = default;

unsigned short Server::port() const {
    return workers_.front()->endpoint().port();
}

void Server::run() {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i) {
        threads.emplace_back([this, i] { workers_[i]->run(); });
    }
    workers_.front()->run();
}

void Server::stop() {
    for (auto& worker : workers_)
        worker->stop();
}

}  // namespace http
