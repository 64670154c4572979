// The inside of a namespace: what was declared for it, and who is in it.
#pragma once

#include "realtime/hub.hpp"
#include "realtime/recovery.hpp"
#include "realtime/rooms.hpp"

namespace realtime {

// What is declared once; namespaces made for a pattern share it.
struct Definition {
    Namespace::Admit admit;
    std::vector<std::function<void(Socket&)>> on_connect;
    Namespace::Greeting greeting;
    std::vector<std::function<void(Socket&, Reason)>> on_disconnect;
    std::vector<std::function<void(const core::UserId&, bool)>> on_presence;

    struct Handler {
        Namespace::OnEvent plain;
        std::shared_ptr<const Namespace::Task> task;
    };
    std::unordered_map<std::string, Handler> handlers;
};

struct Namespace::State {
    State(Namespace& of, std::shared_ptr<Definition> declared, const Limits& limits);

    // Encodes an event once and brings it to every lane, or to `only`.
    void deliver(Target target, bool is_volatile, std::string_view event, Arguments arguments,
                 Lane* only = nullptr);
    // Has `work` done with each socket that is meant, on its own thread.
    void with_each(const Target& target, const std::function<void(SocketState&)>& work);

    Rooms& rooms(const Lane& lane);

    // Counts a socket of `user`. False: that user has too many.
    bool enter(const core::UserId& user, std::size_t sockets_max);
    void exit(const core::UserId& user);

    Namespace& space;
    std::shared_ptr<Definition> definition;
    Recovery recovery;
    bool is_dynamic = false;
    std::atomic<std::size_t> sockets{0};

    mutable std::mutex users_mutex;
    std::unordered_map<std::string, std::size_t> sockets_of_user;  // guarded by users_mutex

private:
    void hand_out(const Target& target, bool is_volatile, const std::shared_ptr<const Packets>& packets,
                  std::uint64_t number, Lane* only);
    void run_here(Lane* only);

    std::vector<std::unique_ptr<Rooms>> rooms_;  // by lane; each its thread's own
};

// An event as messages for the wire.
Packets encode_event(std::string_view namespace_name, std::string_view event, const Arguments& arguments,
                     std::optional<std::uint64_t> id = {}, std::string_view offset = {});
Packets encode_ack(std::string_view namespace_name, std::uint64_t id, const Arguments& arguments);

}  // namespace realtime
