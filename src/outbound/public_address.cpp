#include "outbound/public_address.hpp"

#include <algorithm>
#include <array>

namespace outbound {
namespace {

namespace ip = boost::asio::ip;

struct Block4 {
    std::uint32_t first;
    int prefix;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array<Block4, 15> reserved{{{v4(0, 0, 0, 0), 8},        // this network
                                           {v4(10, 0, 0, 0), 8},       // private
                                           {v4(100, 64, 0, 0), 10},    // carrier-grade NAT
                                           {v4(127, 0, 0, 0), 8},      // loopback
                                           {v4(169, 254, 0, 0), 16},   // link-local, cloud metadata
                                           {v4(172, 16, 0, 0), 12},    // private
                                           {v4(192, 0, 0, 0), 24},     // protocol assignments
                                           {v4(192, 0, 2, 0), 24},     // documentation
                                           {v4(192, 88, 99, 0), 24},   // 6to4 relays
                                           {v4(192, 168, 0, 0), 16},   // private
                                           {v4(198, 18, 0, 0), 15},    // benchmarks
                                           {v4(198, 51, 100, 0), 24},  // documentation
                                           {v4(203, 0, 113, 0), 24},   // documentation
                                           {v4(224, 0, 0, 0), 4},      // multicast
                                           {v4(240, 0, 0, 0), 4}}};    // reserved, broadcast

bool is_public(const ip::address_v4& address) {
    auto number = address.to_uint();
    return std::ranges::none_of(
        reserved, [&](const Block4& block) { return (number ^ block.first) >> (32 - block.prefix) == 0; });
}

// Only global unicast (2000::/3), and of it nothing that tunnels IPv4 (2001::/32, 2002::/16) or is
// documentation.
bool is_public(const ip::address_v6& address) {
    auto bytes = address.to_bytes();
    if ((bytes[0] & 0xE0) != 0x20) return false;
    bool assignments = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 2;  // 2001::/23
    bool documentation = (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0D && bytes[3] == 0xB8) ||
                         (bytes[0] == 0x3F && bytes[1] == 0xFF && bytes[2] < 0x10);
    bool six_to_four = bytes[0] == 0x20 && bytes[1] == 0x02;
    return !assignments && !documentation && !six_to_four;
}

}  // namespace

bool is_public(const ip::address& address) {
    if (address.is_v4()) return is_public(address.to_v4());
    auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) return is_public(ip::make_address_v4(ip::v4_mapped, v6));
    return is_public(v6);
}

}  // namespace outbound
