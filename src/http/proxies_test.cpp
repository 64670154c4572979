// Whose request it is behind proxies (SE-4: an address that can be made up is no address to count by).
#include "http/proxies.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

using boost::asio::ip::make_address;
using Told = TrustedProxies::Told;

struct Case {
    const char* peer;
    std::vector<const char*> lines;  // of the header, in their order
    const char* client;
};

std::string client_of(const TrustedProxies& proxies, std::string_view header, const Case& one) {
    Request request;
    request.headers.push_back({"x-forwarded-for", "203.0.113.66"});
    request.headers.push_back({"forwarded", "for=203.0.113.66"});
    std::erase_if(request.headers, [&](const Header& other) { return other.name == header; });
    for (const char* line : one.lines)
        request.headers.push_back({header, line});
    return proxies.client_of(make_address(one.peer), request);
}

TEST(TrustedProxies, AreBelievedAndNobodyElse) {
    const TrustedProxies proxies("10.0.0.0/8,192.0.2.7, 2001:db8:1::/48", Told::x_forwarded_for);
    const Case cases[] = {
        {"198.51.100.9", {"1.1.1.1"}, "198.51.100.9"},  // no proxy: its own word is nothing
        {"10.1.2.3", {}, "10.1.2.3"},                   // a proxy that says nothing
        {"10.1.2.3", {"198.51.100.1"}, "198.51.100.1"},
        {"10.1.2.3", {"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},  // what the client wrote stays in front
        {"10.1.2.3", {"1.1.1.1, 198.51.100.1 ,192.0.2.7"}, "198.51.100.1"},
        {"10.1.2.3",
         {"1.1.1.1", "198.51.100.1", "10.9.9.9"},
         "198.51.100.1"},                                  // one list, however many lines
        {"10.1.2.3", {"10.4.4.4, 10.5.5.5"}, "10.4.4.4"},  // proxies all the way: the first of them
        {"10.1.2.3", {"198.51.100.1, unknown"}, "10.1.2.3"},
        {"10.1.2.3", {"198.51.100.1, "}, "10.1.2.3"},
        {"10.1.2.3", {"198.51.100.1, 10.4.4.4, <script>"}, "10.1.2.3"},
        {"10.1.2.3", {"::"}, "10.1.2.3"},
        {"10.1.2.3", {"198.51.100.1:4711"}, "198.51.100.1"},
        {"10.1.2.3", {"[2001:db8::1]:4711"}, "2001:db8::1"},
        {"10.1.2.3", {"2001:db8::1"}, "2001:db8::1"},
        {"10.1.2.3", {"::ffff:198.51.100.1"}, "198.51.100.1"},
        {"::ffff:10.1.2.3", {"198.51.100.1"}, "198.51.100.1"},
        {"2001:db8:1::99", {"198.51.100.1, 2001:db8:1::98"}, "198.51.100.1"},
        {"2001:db8:2::99", {"198.51.100.1"}, "2001:db8:2::99"},
        {"192.0.2.8", {"198.51.100.1"}, "192.0.2.8"},
    };
    for (const Case& one : cases)
        EXPECT_EQ(client_of(proxies, "x-forwarded-for", one), one.client) << one.peer;
}

TEST(TrustedProxies, SpeakRfc7239IfTheyAreSaidTo) {
    const TrustedProxies proxies("10.0.0.0/8", Told::forwarded);
    const Case cases[] = {
        {"10.1.2.3", {"for=198.51.100.1"}, "198.51.100.1"},
        {"10.1.2.3", {"for=1.1.1.1, For=\"198.51.100.1:80\";proto=https;by=10.1.2.3"}, "198.51.100.1"},
        {"10.1.2.3", {"proto=http;FOR=\"[2001:db8::1]:4711\""}, "2001:db8::1"},
        {"10.1.2.3", {"for=198.51.100.1", "for=10.7.7.7"}, "198.51.100.1"},
        {"10.1.2.3", {"for=198.51.100.1, for=_hidden"}, "10.1.2.3"},
        {"10.1.2.3", {"for=198.51.100.1, by=10.1.2.3"}, "10.1.2.3"},
        {"198.51.100.9", {"for=1.1.1.1"}, "198.51.100.9"},
    };
    for (const Case& one : cases)
        EXPECT_EQ(client_of(proxies, "forwarded", one), one.client) << one.lines.front();
}

TEST(TrustedProxies, AreNobodyUnlessTheyAreNamed) {
    EXPECT_TRUE(TrustedProxies().empty());
    EXPECT_TRUE(TrustedProxies("", Told::forwarded).empty());
    for (const char* bad :
         {"proxy.example", "10.0.0.0/33", "10.0.0/8", "10.0.0.1;10.0.0.2", ",", "::/129", "*"})
        EXPECT_THROW(TrustedProxies(bad, Told::forwarded), std::invalid_argument) << bad;
}

}  // namespace
}  // namespace http
