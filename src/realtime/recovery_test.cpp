#include "realtime/recovery.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

struct RecoveryTest : testing::Test {
    Limits limits{.recovery = milliseconds{1000}, .recovery_bytes_max = 1000};
    Recovery recovery{limits};
    TimePoint now{std::chrono::hours{1}};
    std::vector<std::string> offsets;

    void log(Target target, std::size_t bytes = 10) {
        recovery.log(
            std::move(target), now,
            [&](const std::string& offset) {
                offsets.push_back(offset);
                return std::make_shared<const Packets>(
                    Packets{make_packet(std::string_view(std::string(bytes, '4')))});
            },
            [](const auto&, std::uint64_t) {});
    }
    void lose(std::string private_id = "secret") {
        recovery.keep(std::move(private_id), {"id", {"blue"}, {}, {}, now});
    }
};

TEST_F(RecoveryTest, Rt11GivesWhatWasMissedAndMeant) {
    log({{"blue"}, {}});
    lose();
    log({{"blue"}, {}});
    log({{"red"}, {}});
    log({{"blue"}, {"id"}});
    log({{}, {}});
    log({{"id"}, {}});
    auto back = recovery.take("secret", offsets[0], {}, now);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->session.id, "id");
    EXPECT_EQ(back->missed.size(), 3U) << "to its room, to everybody, to itself";
    EXPECT_FALSE(recovery.take("secret", offsets[0], {}, now)) << "only once";
}

TEST_F(RecoveryTest, Rt11StartsAnewWhenItIsTooLateOrMadeUp) {
    log({});
    lose();
    EXPECT_FALSE(recovery.take("another", offsets[0], {}, now));
    for (std::string_view offset : {"", "1", "abc.1", "zzzzzzzz.99999999999999999999"})
        EXPECT_FALSE(recovery.take("secret", offset, {}, now)) << offset;
    EXPECT_FALSE(recovery.take("secret", offsets[0] + "9", {}, now)) << "an event that was never sent";
    core::UserId somebody;
    EXPECT_FALSE(recovery.take("secret", offsets[0], somebody, now)) << "somebody else's";
    now += milliseconds{1001};
    EXPECT_FALSE(recovery.take("secret", offsets[0], {}, now));
}

TEST_F(RecoveryTest, Rt11ForgetsTheOldestWhenTheLogIsFull) {
    log({});
    lose();
    for (int i = 0; i < 3; ++i)
        log({}, 600);
    EXPECT_FALSE(recovery.take("secret", offsets[0], {}, now));
    lose();
    EXPECT_TRUE(recovery.take("secret", offsets.back(), {}, now));
}

}  // namespace
}  // namespace realtime
