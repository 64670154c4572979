// Whatever lies where others may write: only bytes that a node of this shop has put there for this request
// are an answer.
#include "http/shared_entry.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

constexpr SharingKey key{1, 2, 3};
constexpr SharingKey other_key{1, 2, 4};
const std::string request = "/v1/products/mug";

std::string packed(const std::string& body = R"({"id":"prd_a"})") {
    return pack(key, request, {4711, "prd_a", body});
}

TEST(SharedEntries, ComeBackAsTheyWere) {
    for (const std::string& body : {std::string(), std::string("{}"), std::string(100'000, 'x')}) {
        auto entry = unpack(key, request, packed(body));
        ASSERT_TRUE(entry);
        EXPECT_EQ(entry->stamp, 4711);
        EXPECT_EQ(entry->subject, "prd_a");
        EXPECT_EQ(entry->body, body);
    }
}

TEST(SharedEntries, AreNothingIfCutOff) {
    const std::string bytes = packed();
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_FALSE(unpack(key, request, std::string_view(bytes).substr(0, length))) << length;
    EXPECT_FALSE(unpack(key, request, bytes + "x"));
}

TEST(SharedEntries, AreNothingIfAnyBitIsAnother) {
    const std::string bytes = packed();
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(unpack(key, request, changed)) << bit;
    }
}

TEST(SharedEntries, AreNothingForAnotherRequestOrAnotherShop) {
    EXPECT_FALSE(unpack(key, "/v1/products/cup", packed()));
    EXPECT_FALSE(unpack(other_key, request, packed()));
    EXPECT_NE(shared_name(key, request), shared_name(key, "/v1/products/cup"));
    EXPECT_NE(shared_name(key, request), shared_name(other_key, request));
    EXPECT_EQ(shared_name(key, std::string(10'000, 'x')).size(), shared_name(key, request).size());
}

}  // namespace
}  // namespace http
