// The Socket.IO surface of chat (API.md, Chat): joining, writing, typing and reading marks of signed-in
// people in the namespace "/", and who is there. What was said is told by followers.cpp, once it is durable.
#pragma once

#include "async/pool.hpp"
#include "chat/presence.hpp"
#include "jobs/runner.hpp"
#include "realtime/hub.hpp"
#include "store/database.hpp"

namespace chat {

// The rooms of the namespace "/" that news go to.
inline constexpr std::string_view agents_room = "agents";
std::string room_of(ConversationId id);

class Sockets {
public:
    // Declares the events; before the server starts. All three must outlive it.
    Sockets(realtime::Hub& hub, store::Database& database, const Settings& settings);
    ~Sockets();
    Sockets(const Sockets&) = delete;
    Sockets& operator=(const Sockets&) = delete;

    // Keeps nodes of each other's people.
    jobs::Schedule schedule();

    // When no connection is left. Lets what was begun finish.
    void stop() { lookups_.stop(); }

private:
    struct Line;

    void hear(const NodeWord& word);
    void tell_presence(const core::UserId& user);

    realtime::Namespace& space_;
    store::Database& database_;
    Presence presence_;
    // Who is to hear that somebody came or went is looked up here, one after the other, so that the last news
    // are the last to arrive.
    async::Pool lookups_;
    std::shared_ptr<Line> line_;  // words of other nodes come in by it
};

}  // namespace chat
