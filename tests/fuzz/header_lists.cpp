// Any text as what lists in headers hold: addresses told by proxies, entity tags, and who a proxy is. The
// first two lines are the header's and the list of trusted networks.
#include "http/proxies.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const std::string_view header = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), header.size() + 1));
    const std::string_view networks = rest.substr(0, rest.find('\n'));
    static_cast<void>(http::names_tag(header, "a-tag"));
    if (http::names_tag(header, "a\"tag")) {
        if (header.find('*') == std::string_view::npos && header.find("a\"tag") == std::string_view::npos)
            std::abort();
    }
    using http::TrustedProxies;
    for (const auto& [told, name] : {std::pair{TrustedProxies::Told::x_forwarded_for, "x-forwarded-for"},
                                     std::pair{TrustedProxies::Told::forwarded, "forwarded"}}) {
        http::Request request;
        request.headers.push_back({name, header});
        const auto peer = boost::asio::ip::make_address("10.0.0.1");
        const TrustedProxies nobody("", told);
        if (nobody.client_of(peer, request) != "10.0.0.1") std::abort();
        // Whoever is told of is an address.
        boost::system::error_code not_one;
        const TrustedProxies ten("10.0.0.0/8", told);
        boost::asio::ip::make_address(ten.client_of(peer, request), not_one);
        if (not_one) std::abort();
        try {
            static_cast<void>(TrustedProxies(networks, told).client_of(peer, request));
        } catch (const std::invalid_argument&) {
        }
    }
    return 0;
}
