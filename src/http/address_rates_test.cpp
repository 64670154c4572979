// Requests of an address in a minute, on one node and on several that tell each other.
#include "http/address_rates.hpp"

#include "http/network.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

constexpr core::Time noon{1'800'000'000'000};  // the first moment of a minute

int allowed(AddressRates& rates, std::string_view address, core::Time now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i)
        count += rates.count(address, now) ? 0 : 1;
    return count;
}

TEST(AddressRates, AllowAsManyAMinuteAndSayHowLongToWait) {
    AddressRates rates(10);
    EXPECT_EQ(allowed(rates, "192.0.2.1", noon, 30), 10);
    EXPECT_EQ(allowed(rates, "192.0.2.2", noon, 30), 10) << "each has a limit of its own";
    EXPECT_EQ(rates.count("192.0.2.1", noon), 60);
    EXPECT_EQ(rates.count("192.0.2.1", noon + std::chrono::milliseconds{59'001}), 1);
    EXPECT_EQ(rates.count("192.0.2.1", noon + std::chrono::minutes{1}), std::nullopt);
}

TEST(AddressRates, AreOffWithoutALimit) {
    AddressRates rates(0);
    EXPECT_EQ(allowed(rates, "192.0.2.1", noon, 1000), 1000);
}

TEST(AddressRates, CountANetworkOfIpv6AsOneCustomer) {
    AddressRates rates(10);
    allowed(rates, "2001:db8:1:2::1", noon, 10);
    EXPECT_TRUE(rates.count("2001:db8:1:2:ffff::", noon));
    EXPECT_FALSE(rates.count("2001:db8:1:3::1", noon));
    EXPECT_EQ(network_of("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(network_of("not an address"), "not an address");
}

TEST(AddressRates, AreSharedByNodesWithinASixteenth) {
    constexpr int limit = 160;
    AddressRates one(limit);
    AddressRates two(limit);
    int words = 0;
    one.tell_others([&](const AddressCount& count) { two.hear(count, noon), ++words; });
    two.tell_others([&](const AddressCount& count) { one.hear(count, noon), ++words; });
    int passed = 0;
    for (int i = 0; i < 2 * limit; ++i)
        passed += allowed(i % 2 ? one : two, "192.0.2.1", noon, 1);
    EXPECT_GE(passed, limit);
    EXPECT_LE(passed, limit + limit / 16);
    EXPECT_LE(words, 17);
}

TEST(AddressRates, OldAndExcessiveWordsDoNoHarm) {
    AddressRates rates(10);
    const std::int64_t minute = AddressRates::minute_of(noon);
    rates.hear({"192.0.2.1", minute - 1, 10}, noon);
    EXPECT_EQ(rates.count("192.0.2.1", noon), std::nullopt);
    for (int i = 0; i < 10; ++i)
        rates.hear({"192.0.2.1", minute, 1'000'000'000}, noon);
    EXPECT_TRUE(rates.count("192.0.2.1", noon));
    EXPECT_EQ(rates.count("192.0.2.1", noon + std::chrono::minutes{1}), std::nullopt) << "the minute ends";
}

TEST(AddressRates, WhoComesFromEverywhereGetsNoMemory) {
    AddressRates rates(1);
    int refused = 0;
    for (int i = 0; i < 300'000; ++i)
        refused += rates.count(std::to_string(i), noon) ? 1 : 0;
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(rates.count("299999", noon), std::nullopt) << "beyond 160,000 addresses nobody is counted";
    EXPECT_TRUE(rates.count("0", noon)) << "who was counted before is";
}

}  // namespace
}  // namespace http
