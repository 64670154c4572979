#include "app/systemd.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <systemd/sd-daemon.h>

namespace app {
namespace {

using boost::asio::ip::tcp;

tcp::endpoint address_of(int socket) {
    tcp::endpoint endpoint;
    socklen_t size = static_cast<socklen_t>(endpoint.capacity());
    if (::getsockname(socket, endpoint.data(), &size) != 0)
        throw std::runtime_error("can't read the address of the socket that systemd passed");
    endpoint.resize(size);
    return endpoint;
}

}  // namespace

void use_passed_socket(http::ServerOptions& options) {
    constexpr int not_for_children = 1;
    const int count = ::sd_listen_fds(not_for_children);
    if (count <= 0) return;
    constexpr int listening = 1;
    constexpr std::uint16_t any_port = 0;
    const bool fits = count == 1 && ::sd_is_socket_inet(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM,
                                                        listening, any_port) > 0;
    if (!fits)
        throw std::runtime_error(
            "systemd passed something else than one TCP socket. Give the .socket unit one line as "
            "ListenStream=127.0.0.1:8080; [::]:8080 takes IPv4 and IPv6.");
    options.socket = SD_LISTEN_FDS_START;
    const tcp::endpoint endpoint = address_of(options.socket);
    options.address = endpoint.address().to_string();
    options.port = endpoint.port();
}

void tell_ready() {
    ::sd_notify(0, "READY=1");
}

void tell_stopping() {
    ::sd_notify(0, "STOPPING=1");
}

}  // namespace app
