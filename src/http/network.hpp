// Whom an address stands for where people are counted by addresses: an IPv4 address is one customer's, an
// IPv6 customer has a network of them.
#pragma once

#include <string>
#include <string_view>

namespace http {

// An IPv4 address as it is, also one in IPv6's clothes (::ffff:192.0.2.1); of an IPv6 address its /64; any
// other text as it is.
std::string network_of(std::string_view address);

}  // namespace http
