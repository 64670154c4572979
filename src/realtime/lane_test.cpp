// In what order work comes to a lane's thread from others.
#include "realtime/lane.hpp"

#include "realtime/connection.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

struct LaneTest : testing::Test {
    Limits limits;
    boost::asio::io_context io;
    Lane lane{0, io, limits};
    std::string done;

    std::function<void()> noting(char what) {
        return [this, what] { done += what; };
    }
};

// A body's arrival, its packets, its end: whatever somebody else puts in line meanwhile.
TEST_F(LaneTest, WhatOneThreadsRequestsAskForIsDoneInTheirOrder) {
    lane.put_in_line(noting('x'));
    lane.enter(noting('1'));
    lane.put_in_line(noting('y'));
    lane.enter(noting('2'));
    lane.enter(noting('3'));
    io.poll();
    std::erase_if(done, [](char what) { return what == 'x' || what == 'y'; });
    EXPECT_EQ(done, "123");
}

TEST_F(LaneTest, OnItsOwnThreadARequestWaitsForNothing) {
    lane.post([this] {
        lane.put_in_line(noting('x'));
        lane.enter(noting('1'));
        done += '2';
    });
    io.poll();
    EXPECT_EQ(done, "12x");
}

}  // namespace
}  // namespace realtime
