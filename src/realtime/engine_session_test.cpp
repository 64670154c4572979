#include "realtime/engine_session.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using Type = EnginePacket::Type;
constexpr TimePoint begin{};

TimePoint at(int ms) {
    return begin + milliseconds(ms);
}

struct EngineSessionTest : testing::Test {
    Limits limits{.ping_interval = milliseconds{300}, .ping_timeout = milliseconds{200}};
    EngineSession session{limits, Transport::polling, begin};
};

TEST_F(EngineSessionTest, Rt6PingsAndExpectsAPong) {
    EXPECT_EQ(session.deadline(), at(300));
    EXPECT_EQ(session.due(at(299)).step, Step::nothing);
    EXPECT_EQ(session.due(at(300)).step, Step::send_ping);
    EXPECT_EQ(session.receive({Type::pong}, at(350)).step, Step::nothing);
    EXPECT_EQ(session.deadline(), at(650));
    EXPECT_EQ(session.due(at(700)).step, Step::send_ping);
    EXPECT_EQ(session.deadline(), at(850)) << "a late ping gives no more time";
    auto end = session.due(at(850));
    EXPECT_EQ(end.step, Step::close);
    EXPECT_EQ(end.reason, Reason::ping_timeout);
}

TEST_F(EngineSessionTest, Rt6RefusesAClientsPing) {
    auto action = session.receive({Type::ping}, begin);
    EXPECT_EQ(action.step, Step::close);
    EXPECT_EQ(action.reason, Reason::transport_error);
    EXPECT_EQ(session.receive({Type::close}, begin).reason, Reason::transport_close);
}

TEST_F(EngineSessionTest, Rt5ChangesOverInThreeSteps) {
    EXPECT_TRUE(session.begin_upgrade(begin));
    EXPECT_FALSE(session.begin_upgrade(begin)) << "one at a time";
    EXPECT_EQ(session.receive_on_probe({Type::ping, false, "probe"}, at(10)).step, Step::answer_probe);
    EXPECT_EQ(session.due(at(110)).step, Step::end_poll);
    EXPECT_EQ(session.receive_on_probe({Type::upgrade}, at(120)).step, Step::switch_over);
    EXPECT_EQ(session.transport(), Transport::websocket);
    EXPECT_FALSE(session.begin_upgrade(at(130)));
}

TEST_F(EngineSessionTest, Rt5DropsAProbeThatIsWrongOrLate) {
    EXPECT_TRUE(session.begin_upgrade(begin));
    EXPECT_EQ(session.receive_on_probe({Type::ping, false, "wrong"}, at(1)).step, Step::drop_probe);
    EXPECT_TRUE(session.begin_upgrade(at(2)));
    EXPECT_EQ(session.receive_on_probe({Type::upgrade}, at(3)).step, Step::drop_probe);
    EXPECT_TRUE(session.begin_upgrade(at(4)));
    EXPECT_EQ(session.receive_on_probe({Type::message}, at(5)).step, Step::drop_probe);
    limits.ping_interval = std::chrono::minutes{1};
    EngineSession patient(limits, Transport::polling, begin);
    EXPECT_TRUE(patient.begin_upgrade(begin));
    EXPECT_EQ(patient.due(at(9'999)).step, Step::nothing);
    EXPECT_EQ(patient.due(at(10'000)).step, Step::drop_probe);
    EXPECT_EQ(patient.transport(), Transport::polling);
}

}  // namespace
}  // namespace realtime
