#include "app/health.hpp"

#include "outbound/client.hpp"

#include <boost/asio/ip/address.hpp>

#include <iostream>

namespace app {
namespace {

namespace ip = boost::asio::ip;

constexpr std::chrono::seconds patience{3};  // less than watchers have, so that they hear why

// A server that takes connections on every address of the machine is asked on its own.
std::string reachable_address(const Config& config) {
    ip::address address = ip::make_address(config.server.address);
    if (address.is_unspecified())
        address = address.is_v6() ? ip::address(ip::address_v6::loopback()) : ip::address_v4::loopback();
    const std::string text = address.to_string();
    return (address.is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(config.server.port);
}

}  // namespace

int report_health(const Config& config) {
    const std::string url = "http://" + reachable_address(config) + "/readyz";
    outbound::Client client(outbound::Reach::anywhere);
    auto answer = client.send({.method = "GET", .url = url, .timeout = patience});
    if (answer.is_success()) {
        std::cout << "ready\n";
        return 0;
    }
    std::cout << url << ": "
              << (answer.status ? "answers " + std::to_string(*answer.status)
                                : answer.error.value_or("no answer"))
              << "\n";
    return 1;
}

}  // namespace app
