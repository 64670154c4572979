// The Socket.IO surface of chat (API.md, Chat): joining, writing, typing and reading marks of signed-in
// people in the namespace "/", and who is there. What was said is told by followers.cpp, once it is durable.
#pragma once

#include "async/pool.hpp"
#include "chat/chat.hpp"
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

    // When no connection is left. Lets what was begun finish.
    void stop() { lookups_.stop(); }

private:
    void tell_presence(core::UserId user);

    realtime::Namespace& space_;
    store::Database& database_;
    // Who is to hear that somebody came or went is looked up here, one after the other, so that the last news
    // are the last to arrive.
    async::Pool lookups_;
};

}  // namespace chat
