#include "http/network.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace http {

std::string network_of(std::string_view text) {
    namespace ip = boost::asio::ip;
    if (!text.contains(':')) return std::string(text);
    boost::system::error_code not_one;
    const auto address = ip::make_address_v6(text, not_one);
    if (not_one) return std::string(text);
    if (address.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address).to_string();
    auto bytes = address.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), 0);
    return ip::make_address_v6(bytes).to_string() + "/64";
}

}  // namespace http
