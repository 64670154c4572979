#include "chat/presence.hpp"

#include "core/random.hpp"

#include <bit>

namespace chat {
namespace {

// The same whatever the order; differs, all but surely, if somebody is missing.
PeopleSum fingerprint_of(const std::set<core::UserId>& people) {
    std::uint64_t sum = 0;
    for (const auto& user : people) {
        const auto bytes = core::short_fingerprint(user.text());
        sum += std::bit_cast<std::array<std::uint64_t, 2>>(bytes)[0];
    }
    return {static_cast<std::int64_t>(sum >> 1)};
}

}  // namespace

Presence::Presence(IsHere is_here, Say say, Changed changed)
    : is_here_(std::move(is_here)),
      say_(std::move(say)),
      changed_(std::move(changed)),
      node_(NodeId::unguessable()) {}

bool Presence::is_online(const core::UserId& user) const {
    std::lock_guard lock(mutex_);
    return is_online_locked(user);
}

bool Presence::is_online_locked(const core::UserId& user) const {
    return here_.contains(user) || std::ranges::any_of(others_, [&](const auto& other) {
               return other.second.people.contains(user);
           });
}

// What is true now counts: of two calls at once the later one may tell the earlier news.
void Presence::came_or_went(const core::UserId& user) {
    std::lock_guard lock(mutex_);
    const bool was_online = is_online_locked(user);
    const bool is_here = is_here_(user);
    if (is_here == here_.contains(user)) return;
    NodeWord word{.node = node_};
    if (is_here) {
        here_.insert(user);
        word.came = {user};
    } else {
        here_.erase(user);
        word.went = {user};
    }
    say_(word);
    tell_changes({{user, was_online}});
}

void Presence::hear(const NodeWord& word, Clock::time_point now) {
    std::lock_guard lock(mutex_);
    if (word.node == node_) return;
    if (others_.size() >= nodes_max && !others_.contains(word.node)) return;
    auto [found, is_new] = others_.try_emplace(word.node);
    Node& other = found->second;
    other.heard_at = now;
    if (word.came || word.went) {
        People people = word.is_all ? People{} : other.people;
        if (word.came) people.insert(word.came->begin(), word.came->end());
        for (const auto& user : word.went.value_or(std::vector<core::UserId>{}))
            people.erase(user);
        replace(other, std::move(people));
    }
    const bool missed_some = word.people && word.people->value != fingerprint_of(other.people).value;
    if ((is_new && !word.is_all) || missed_some) say_({.node = node_, .asks = word.node});
    if (word.asks == node_) tell_all();
}

void Presence::beat(Clock::time_point now) {
    std::lock_guard lock(mutex_);
    say_({.node = node_, .people = fingerprint_of(here_)});
    for (auto other = others_.begin(); other != others_.end();) {
        if (now - other->second.heard_at > silent_max) {
            replace(other->second, {});
            other = others_.erase(other);
        } else {
            ++other;
        }
    }
}

void Presence::tell_all() const {
    NodeWord word{.node = node_, .came = std::vector<core::UserId>{}, .is_all = true};
    for (const auto& user : here_) {
        if (word.came->size() == told_at_once) {
            say_(word);
            word = {.node = node_, .came = std::vector<core::UserId>{}};
        }
        word.came->push_back(user);
    }
    say_(word);
}

void Presence::replace(Node& node, People people) {
    std::map<core::UserId, bool> before;
    for (const auto* list : {&node.people, &people}) {
        for (const auto& user : *list)
            before.emplace(user, is_online_locked(user));
    }
    node.people = std::move(people);
    tell_changes(before);
}

// `before`: who was online.
void Presence::tell_changes(const std::map<core::UserId, bool>& before) {
    for (const auto& [user, was_online] : before) {
        if (is_online_locked(user) != was_online) changed_(user);
    }
}

}  // namespace chat
