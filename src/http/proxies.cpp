#include "http/proxies.hpp"

#include <algorithm>
#include <stdexcept>

namespace http {
namespace {

namespace ip = boost::asio::ip;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t";
    auto first = text.find_first_not_of(spaces);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

// Takes what stands behind the last `separator` off the end of `list`. Quotes hold none of ours: an address
// needs none but the colon's (RFC 7239 §6).
std::string_view take_last(std::string_view& list, char separator) {
    auto at = list.rfind(separator);
    std::string_view last = at == list.npos ? list : list.substr(at + 1);
    list = at == list.npos ? std::string_view() : list.substr(0, at);
    return trimmed(last);
}

// ::ffff:192.0.2.1 is 192.0.2.1.
ip::address plain(const ip::address& address) {
    bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
    return mapped ? ip::make_address_v4(ip::v4_mapped, address.to_v6()) : address;
}

// 192.0.2.1, 192.0.2.1:4711, 2001:db8::1, [2001:db8::1]:4711.
std::optional<ip::address> address_in(std::string_view text) {
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (std::ranges::count(text, ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    boost::system::error_code not_one;
    auto address = ip::make_address(text, not_one);
    if (not_one || address.is_unspecified()) return {};
    return plain(address);
}

// The node of `for=`, out of an element such as: for="[2001:db8::1]:4711";proto=https (RFC 7239 §4).
std::string_view node_of(std::string_view element) {
    while (!element.empty()) {
        std::string_view pair = take_last(element, ';');
        if (pair.size() < 4 || (pair[0] | 0x20) != 'f' || (pair[1] | 0x20) != 'o' ||
            (pair[2] | 0x20) != 'r' || pair[3] != '=')
            continue;
        std::string_view node = pair.substr(4);
        bool quoted = node.size() >= 2 && node.front() == '"' && node.back() == '"';
        return quoted ? node.substr(1, node.size() - 2) : node;
    }
    return {};
}

}  // namespace

TrustedProxies::TrustedProxies(std::string_view networks, Told told) : told_(told) {
    while (!networks.empty()) {
        std::string text(take_last(networks, ','));
        if (!text.contains('/')) text += text.contains(':') ? "/128" : "/32";
        boost::system::error_code no_v4;
        boost::system::error_code no_v6;
        auto v4 = ip::make_network_v4(text, no_v4);
        auto v6 = ip::make_network_v6(text, no_v6);
        if (no_v4 && no_v6)
            throw std::invalid_argument(
                "must be addresses or networks, as in 10.0.0.0/8, separated by commas");
        networks_.push_back(no_v4 ? Network(v6.canonical()) : Network(v4.canonical()));
    }
}

bool TrustedProxies::contains(const ip::address& address) const {
    return std::ranges::any_of(networks_, [&](const Network& network) {
        if (const auto* v4 = std::get_if<ip::network_v4>(&network)) {
            return address.is_v4() && ip::network_v4(address.to_v4(), v4->prefix_length()).canonical() == *v4;
        }
        const auto& v6 = std::get<ip::network_v6>(network);
        return address.is_v6() && ip::network_v6(address.to_v6(), v6.prefix_length()).canonical() == v6;
    });
}

std::string TrustedProxies::client_of(const ip::address& peer, const Request& request) const {
    const bool forwarded = told_ == Told::forwarded;
    const std::string_view name = forwarded ? "forwarded" : "x-forwarded-for";
    ip::address client = plain(peer);
    for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
        if (header->name != name) continue;
        std::string_view list = header->value;
        while (!list.empty() && contains(client)) {
            std::string_view element = take_last(list, ',');
            auto before = address_in(forwarded ? node_of(element) : element);
            if (!before) return client.to_string();
            client = *before;
        }
    }
    return client.to_string();
}

}  // namespace http
