// Who is connected, over all nodes of the shop. Nodes say to each other who came and who went
// (nodes/words.hpp); one that is silent for a while is dead, and its people are gone. Nothing of it
// is stored. Knows neither sockets nor the database; thread-safe.
#pragma once

#include "chat/chat.hpp"
#include "core/text.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>

namespace chat {

using NodeId = core::Id<"nod">;
using PeopleSum = core::Int<0, std::numeric_limits<std::int64_t>::max()>;

// What nodes say to each other: each member that is there is one thing said.
struct NodeWord {
    NodeId node;  // who says it
    std::optional<std::vector<core::UserId>> came = {};
    std::optional<std::vector<core::UserId>> went = {};
    std::optional<bool> is_all = {};       // `came` begins the list of all its people
    std::optional<PeopleSum> people = {};  // a fingerprint of all of them: said every few seconds
    std::optional<NodeId> asks = {};       // the node whose people it wants to know
};
BOOST_DESCRIBE_STRUCT(NodeWord, (), (node, came, went, is_all, people, asks))

inline constexpr std::chrono::seconds presence_beat{5};
inline constexpr std::chrono::seconds silent_max{20};  // some beats may be lost
inline constexpr std::size_t nodes_max = 256;          // whoever says that there are more has made them up
inline constexpr std::size_t told_at_once = 50;        // people in one word: some 2 KB

class Presence {
public:
    using Clock = std::chrono::steady_clock;
    // Whether somebody has a socket on this node.
    using IsHere = std::function<bool(const core::UserId&)>;
    using Say = std::function<void(const NodeWord&)>;
    // Somebody came or went, as seen over all nodes. Must not block.
    using Changed = std::function<void(const core::UserId&)>;

    Presence(IsHere is_here, Say say, Changed changed);

    bool is_online(const core::UserId& user) const;
    const NodeId& node() const { return node_; }

    // On this node.
    void came_or_went(const core::UserId& user);
    void hear(const NodeWord& word, Clock::time_point now);
    // Every presence_beat: says that this node lives, and forgets those that don't.
    void beat(Clock::time_point now);

private:
    using People = std::set<core::UserId>;
    struct Node {
        People people;
        Clock::time_point heard_at;
    };

    bool is_online_locked(const core::UserId& user) const;
    void tell_all() const;
    void replace(Node& node, People people);
    void tell_changes(const std::map<core::UserId, bool>& before);

    const IsHere is_here_;
    const Say say_;
    const Changed changed_;
    const NodeId node_;
    mutable std::mutex mutex_;
    People here_;
    std::map<NodeId, Node> others_;
};

}  // namespace chat
