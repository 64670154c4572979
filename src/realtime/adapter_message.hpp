// What Socket.IO servers publish for each other in Redis: the wire format of npm's @socket.io/redis-adapter
// 8, which @socket.io/redis-emitter 5 speaks as well. Pure: hostile bytes go in, messages or nothing come
// out.
//
// A broadcast is MessagePack on the channel `<key>#<namespace>#`, or `<key>#<namespace>#<room>#` if it is for
// one room: [uid, {type: 2, data: [event, …arguments], nsp}, {rooms: […], except: […], flags: {…}}].
// A request is JSON on `<key>-request#<namespace>#`: {type, opts: {rooms, except}, rooms, close}.
#pragma once

#include "realtime/arguments.hpp"
#include "realtime/rooms.hpp"

#include <cstdint>
#include <optional>

namespace realtime {

// A broadcast on its way to the clients of other nodes.
struct Emission {
    std::string namespace_name;
    Target target;
    bool is_volatile = false;
    std::string event;
    Arguments arguments;
};

struct AdapterMessage {
    std::string uid;  // who has published it
    Emission emission;
};

// Behind the key.
std::string channel_of(const Emission& emission);
std::string encode_message(std::string_view uid, const Emission& emission);
std::optional<AdapterMessage> decode_message(std::string_view bytes, std::size_t attachments_max);

// What a server or an emitter wants of the sockets of all servers.
struct AdapterRequest {
    enum class Wish : std::uint8_t { join = 2, leave = 3, disconnect = 4 };
    Wish wish = Wish::join;
    Target target;
    std::vector<std::string> rooms;  // to join or to leave
    bool close = false;              // the whole connection
};

// Empty, too, for requests that ask who is here or want to be answered.
std::optional<AdapterRequest> decode_request(std::string_view bytes);

}  // namespace realtime
