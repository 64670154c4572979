// How KONTOR_REDIS_URL is read.
#include "redis/address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace redis {
namespace {

TEST(RedisAddress, IsAHostOrASocketWithWhatRedisAsksFor) {
    auto plain = Address::from_url("redis://cache.internal");
    EXPECT_EQ(plain.host, "cache.internal");
    EXPECT_EQ(plain.port, 6379);
    EXPECT_TRUE(plain.password.empty() && plain.user.empty() && plain.database.empty());

    auto full = Address::from_url("redis://shop:p%40ss%2Fword@10.0.0.5:6380/3");
    EXPECT_EQ(full.shown(), "10.0.0.5:6380");
    EXPECT_EQ(full.user, "shop");
    EXPECT_EQ(full.password, "p@ss/word");
    EXPECT_EQ(full.database, "3");

    EXPECT_EQ(Address::from_url("redis://:secret@[::1]:7000").host, "::1");
    EXPECT_EQ(Address::from_url("redis://:secret@localhost/").password, "secret");

    auto socket = Address::from_url("unix://:secret@/run/redis/redis.sock?db=2");
    EXPECT_EQ(socket.shown(), "/run/redis/redis.sock");
    EXPECT_EQ(socket.password, "secret");
    EXPECT_EQ(socket.database, "2");
}

TEST(RedisAddress, RefusesAnythingElseWithoutRepeatingIt) {
    for (const char* wrong :
         {"", "cache", "http://cache", "rediss://cache", "redis://", "redis:///1", "redis://cache:0",
          "redis://cache:99999", "redis://cache/one", "redis://cache/1/2", "redis://cache?db=1",
          "redis://cache/#1", "unix://", "unix:///", "unix://host/run/redis.sock",
          "unix:///run/redis.sock?db=x", "unix:///run/redis.sock?password=1"}) {
        EXPECT_THROW(Address::from_url(wrong), std::invalid_argument) << wrong;
    }
    try {
        Address::from_url("rediss://:secret@cache");
        FAIL();
    } catch (const std::invalid_argument& refused) {
        EXPECT_FALSE(std::string_view(refused.what()).contains("secret"));
    }
}

}  // namespace
}  // namespace redis
