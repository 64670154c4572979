// Who is in which room, on one lane: joining, leaving and walking over the members cost no search through
// others.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace realtime {

struct SocketState;

struct Room {
    std::string name;
    std::vector<SocketState*> members;
};

// A socket's place in a room.
struct Membership {
    Room* room = nullptr;
    std::size_t index = 0;  // into members
};

// Whom a packet is for.
struct Target {
    std::vector<std::string> rooms;  // empty: everybody. A socket's id is a room of one
    std::vector<std::string> except;

    // Whether a socket of this id, in these rooms, is meant.
    bool includes(const std::string& id, const std::vector<std::string>& in_rooms) const;
};

class Rooms {
public:
    void add(SocketState& socket);     // to everybody
    void remove(SocketState& socket);  // from everybody and every room

    void join(SocketState& socket, const std::string& room);
    void leave(SocketState& socket, const std::string& room);

    // Calls `each` once for each socket that is meant. `each` must not change rooms.
    void visit(const Target& target, const std::function<void(SocketState&)>& each);

    std::size_t size() const { return sockets_.size(); }

private:
    void leave_at(SocketState& socket, std::size_t membership);
    template <class F>
    void visit_named(const std::string& name, F each);

    std::unordered_map<std::string, SocketState*> sockets_;  // by id
    std::unordered_map<std::string, std::unique_ptr<Room>> rooms_;
    std::uint64_t visit_ = 0;  // tells who was met in this walk already
};

}  // namespace realtime
