// Whose request it is behind a proxy: the proxy says so in a header, which anybody else can write as well.
// Only what a trusted one has added counts, so the header is read from its end.
#pragma once

#include "http/message.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <variant>

namespace http {

class TrustedProxies {
public:
    // The one header that the proxies set. The other is the client's own word.
    enum class Told { x_forwarded_for, forwarded };

    TrustedProxies() = default;  // nobody
    // Addresses and networks, separated by commas: "10.0.0.0/8, 192.0.2.7, ::1". Throws std::invalid_argument
    // with what is wrong.
    TrustedProxies(std::string_view networks, Told told);

    bool empty() const { return networks_.empty(); }
    // Of the client: the peer, unless it is a proxy; then the last address in the header that isn't one. A
    // proxy that hands on something unreadable is taken for the client itself.
    std::string client_of(const boost::asio::ip::address& peer, const Request& request) const;

private:
    using Network = std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>;

    bool contains(const boost::asio::ip::address& address) const;

    std::vector<Network> networks_;
    Told told_ = Told::x_forwarded_for;
};

}  // namespace http
