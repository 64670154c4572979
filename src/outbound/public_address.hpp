// Which addresses the shop may be sent to by somebody's configuration: none inside its own network, or staff
// could use the server to reach what only the server can reach (SSRF; IANA's special-purpose registries, RFC
// 6890).
#pragma once

#include <boost/asio/ip/address.hpp>

namespace outbound {

// False for private, loopback, link-local, multicast, documentation and otherwise reserved addresses, also
// inside IPv6 forms that carry an IPv4 address.
bool is_public(const boost::asio::ip::address& address);

}  // namespace outbound
