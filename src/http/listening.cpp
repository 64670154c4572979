#include "http/listening.hpp"

#include <boost/system/system_error.hpp>

#include <fcntl.h>

#include <stdexcept>
#include <string>

namespace http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int waiting_max = 4096;  // connections that no thread has accepted yet

}  // namespace

tcp::acceptor listen(asio::io_context& io, const tcp::endpoint& endpoint, bool is_first) {
    try {
        tcp::acceptor acceptor(io);
        acceptor.open(endpoint.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        if (!is_first) acceptor.set_option(ReusePort(true));
        acceptor.bind(endpoint);
        acceptor.listen(waiting_max);
        if (is_first) acceptor.set_option(ReusePort(true));
        return acceptor;
    } catch (const boost::system::system_error& failed) {
        throw std::runtime_error("can't listen on " + endpoint.address().to_string() + ":" +
                                 std::to_string(endpoint.port()) + ": " + failed.code().message() +
                                 ". Choose another address with --listen ADDRESS:PORT.");
    }
}

tcp::acceptor share(asio::io_context& io, int socket, const tcp::endpoint& endpoint) {
    const int own = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (own < 0) throw std::runtime_error("can't take the socket that was passed");
    return {io, endpoint.protocol(), own};
}

}  // namespace http
