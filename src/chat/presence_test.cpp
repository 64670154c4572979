// Nodes that whisper to each other, some of whose words are lost.
#include "chat/presence.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace chat {
namespace {

using std::chrono::seconds;

core::UserId user(int n) {
    std::string digits = std::to_string(n);
    return core::UserId::from_text("usr_" + std::string(26 - digits.size(), '0') + digits).value();
}

struct Net;

struct TestNode {
    explicit TestNode(Net& of_net);

    void connect(const core::UserId& who) {
        sockets.insert(who);
        presence.came_or_went(who);
    }
    void disconnect(const core::UserId& who) {
        sockets.erase(who);
        presence.came_or_went(who);
    }

    Net& net;
    bool is_deaf = false;
    std::set<core::UserId> sockets;
    std::vector<core::UserId> changes;
    Presence presence;
};

struct Net {
    std::vector<TestNode*> nodes;
    std::deque<std::pair<TestNode*, NodeWord>> words;
    Presence::Clock::time_point now{};

    void deliver() {
        while (!words.empty()) {
            auto [from, word] = words.front();
            words.pop_front();
            for (TestNode* node : nodes) {
                if (node != from && !node->is_deaf) node->presence.hear(word, now);
            }
        }
    }
    void pass(seconds time) {
        for (seconds past{0}; past < time; past += presence_beat) {
            now += presence_beat;
            for (TestNode* node : nodes)
                node->presence.beat(now);
            deliver();
        }
    }
};

TestNode::TestNode(Net& of_net)
    : net(of_net),
      presence([this](const core::UserId& who) { return sockets.contains(who); },
               [this](const NodeWord& word) { net.words.emplace_back(this, word); },
               [this](const core::UserId& who) { changes.push_back(who); }) {
    net.nodes.push_back(this);
}

TEST(Presence, WhoIsOnAnyNodeIsOnline) {
    Net net;
    TestNode a(net), b(net);
    a.connect(user(1));
    net.deliver();
    EXPECT_TRUE(b.presence.is_online(user(1)));
    EXPECT_EQ(b.changes, std::vector{user(1)});
    a.disconnect(user(1));
    net.deliver();
    EXPECT_FALSE(b.presence.is_online(user(1)));
    EXPECT_EQ(b.changes, (std::vector{user(1), user(1)}));
}

TEST(Presence, WhoIsOnTwoNodesGoesWithTheLast) {
    Net net;
    TestNode a(net), b(net);
    a.connect(user(1));
    net.deliver();
    b.connect(user(1));
    net.deliver();
    a.disconnect(user(1));
    net.deliver();
    EXPECT_TRUE(a.presence.is_online(user(1)));
    EXPECT_EQ(a.changes, std::vector{user(1)}) << "nothing has changed since";
    b.disconnect(user(1));
    net.deliver();
    EXPECT_FALSE(a.presence.is_online(user(1)));
    EXPECT_EQ(a.changes, (std::vector{user(1), user(1)}));
}

TEST(Presence, ANewNodeLearnsOfEverybody) {
    Net net;
    TestNode a(net);
    constexpr int people = 250;  // more than fit one word
    for (int i = 0; i < people; ++i)
        a.connect(user(i));
    net.deliver();
    TestNode late(net);
    net.pass(presence_beat);
    for (int i = 0; i < people; ++i)
        ASSERT_TRUE(late.presence.is_online(user(i))) << i;
}

TEST(Presence, WhatANodeMissedItLearnsByTheNextBeat) {
    Net net;
    TestNode a(net), b(net);
    a.connect(user(1));
    net.deliver();
    b.is_deaf = true;
    a.disconnect(user(1));
    a.connect(user(2));
    net.deliver();
    b.is_deaf = false;
    EXPECT_TRUE(b.presence.is_online(user(1)));
    net.pass(presence_beat);
    EXPECT_FALSE(b.presence.is_online(user(1)));
    EXPECT_TRUE(b.presence.is_online(user(2)));
}

TEST(Presence, ThePeopleOfADeadNodeGo) {
    Net net;
    TestNode a(net), b(net);
    a.connect(user(1));
    net.deliver();
    std::erase(net.nodes, &a);
    net.pass(silent_max);
    EXPECT_TRUE(b.presence.is_online(user(1)));
    net.pass(presence_beat);
    EXPECT_FALSE(b.presence.is_online(user(1)));
    EXPECT_EQ(b.changes, (std::vector{user(1), user(1)}));
}

}  // namespace
}  // namespace chat
