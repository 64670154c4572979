// The Socket.IO surface of chat (API.md, Chat): joining, writing, typing and reading marks of signed-in
// people in the namespace "/", and who is there. What was said is told by followers.cpp, once it is durable.
#pragma once

#include "async/pool.hpp"
#include "chat/presence.hpp"
#include "jobs/runner.hpp"
#include "nodes/words.hpp"
#include "realtime/hub.hpp"
#include "store/database.hpp"

namespace chat {

// The rooms of the namespace "/" that news go to.
inline constexpr std::string_view agents_room = "agents";
std::string room_of(ConversationId id);

class Sockets {
public:
    // Declares the events; before the server starts. All but the last must outlive it.
    Sockets(realtime::Hub& hub, store::Database& database, nodes::Words& words, const Settings& settings);
    Sockets(const Sockets&) = delete;
    Sockets& operator=(const Sockets&) = delete;

    // Keeps nodes of each other's people.
    jobs::Schedule schedule();

    // When no connection is left. Lets what was begun finish.
    void stop() { lookups_.stop(); }

private:
    void hear(std::string_view text);
    void tell_presence(const core::UserId& user);

    realtime::Namespace& space_;
    store::Database& database_;
    Presence presence_;
    // Who is to hear that somebody came or went is looked up here, one after the other, so that the last news
    // are the last to arrive.
    async::Pool lookups_;
    nodes::Words::Hearing hearing_;  // last: what is heard uses the others
};

}  // namespace chat
