#include "redis/address.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace redis {
namespace {

[[noreturn]] void refuse() {
    throw std::invalid_argument("must be redis://:PASSWORD@HOST:PORT/DATABASE or unix:///PATH?db=DATABASE");
}

// Redis has 16 databases unless its operator wants more.
std::string to_database(std::string number) {
    constexpr std::size_t digits_max = 5;
    if (number.size() > digits_max ||
        !std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }))
        refuse();
    return number;
}

// Boost's own reading of it cuts off what is too large.
int to_port(std::string_view digits) {
    constexpr int port_max = 65'535;
    int port = 0;
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failed != std::errc{} || end != digits.data() + digits.size() || port < 1 || port > port_max)
        refuse();
    return port;
}

}  // namespace

Address Address::from_url(std::string_view text) {
    auto parsed = boost::urls::parse_uri(text);
    if (!parsed || parsed->has_fragment()) refuse();
    const auto& url = *parsed;
    Address address;
    address.user = url.user();
    address.password = url.password();
    if (url.scheme() == "unix") {
        address.path = url.path();
        for (const auto& parameter : url.params()) {
            if (parameter.key != "db") refuse();
            address.database = to_database(parameter.value);
        }
        if (!url.host().empty() || address.path.size() < 2) refuse();
        return address;
    }
    if (url.scheme() != "redis" || url.host().empty() || url.has_query()) refuse();
    address.host =
        url.host_type() == boost::urls::host_type::ipv6 ? url.host_ipv6_address().to_string() : url.host();
    if (url.has_port()) address.port = to_port(url.port());
    std::string path = url.path();
    if (!path.empty()) address.database = to_database(path.substr(1));
    return address;
}

std::string Address::shown() const {
    return host.empty() ? path : host + ":" + std::to_string(port);
}

}  // namespace redis
