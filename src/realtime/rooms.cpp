#include "realtime/rooms.hpp"

#include "realtime/socket_state.hpp"

#include <algorithm>

namespace realtime {

bool Target::includes(const std::string& id, const std::vector<std::string>& in_rooms) const {
    auto meant = [&](const std::string& name) {
        return name == id || std::ranges::find(in_rooms, name) != in_rooms.end();
    };
    return (rooms.empty() || std::ranges::any_of(rooms, meant)) && std::ranges::none_of(except, meant);
}

void Rooms::add(SocketState& socket) {
    sockets_.emplace(socket.id, &socket);
}

void Rooms::remove(SocketState& socket) {
    while (!socket.memberships.empty())
        leave_at(socket, socket.memberships.size() - 1);
    sockets_.erase(socket.id);
}

void Rooms::join(SocketState& socket, const std::string& name) {
    auto is_it = [&](const Membership& membership) { return membership.room->name == name; };
    if (std::ranges::any_of(socket.memberships, is_it)) return;
    auto& room = rooms_[name];
    if (!room) room = std::make_unique<Room>(name);
    socket.memberships.push_back({room.get(), room->members.size()});
    room->members.push_back(&socket);
}

void Rooms::leave(SocketState& socket, const std::string& name) {
    for (std::size_t i = 0; i < socket.memberships.size(); ++i) {
        if (socket.memberships[i].room->name == name) return leave_at(socket, i);
    }
}

// The last member takes the place that becomes free.
void Rooms::leave_at(SocketState& socket, std::size_t membership) {
    auto [room, index] = socket.memberships[membership];
    socket.memberships[membership] = socket.memberships.back();
    socket.memberships.pop_back();
    SocketState* last = room->members.back();
    room->members.pop_back();
    if (last != &socket) {
        room->members[index] = last;
        std::ranges::find(last->memberships, room, &Membership::room)->index = index;
    }
    if (room->members.empty()) rooms_.erase(std::string(room->name));
}

template <class F>
void Rooms::visit_named(const std::string& name, F each) {
    if (auto socket = sockets_.find(name); socket != sockets_.end()) each(*socket->second);
    auto room = rooms_.find(name);
    if (room == rooms_.end()) return;
    for (SocketState* member : room->second->members)
        each(*member);
}

void Rooms::visit(const Target& target, const std::function<void(SocketState&)>& each) {
    std::uint64_t visit = ++visit_;
    for (const std::string& name : target.except)
        visit_named(name, [&](SocketState& socket) { socket.met_in_visit = visit; });
    auto meet = [&](SocketState& socket) {
        if (std::exchange(socket.met_in_visit, visit) != visit) each(socket);
    };
    if (target.rooms.empty()) {
        for (auto& [id, socket] : sockets_)
            meet(*socket);
    }
    for (const std::string& name : target.rooms)
        visit_named(name, meet);
}

}  // namespace realtime
