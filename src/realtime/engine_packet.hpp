// Engine.IO 4 packets, alone (a WebSocket message) or joined into a polling body. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace realtime {

struct EnginePacket {
    enum class Type : char {
        open = '0',
        close = '1',
        ping = '2',
        pong = '3',
        message = '4',
        upgrade = '5',
        noop = '6'
    };
    Type type = Type::noop;
    bool binary = false;  // a message of bytes
    std::string_view data;
};

inline constexpr char packet_separator = '\x1e';

// A text packet: its type's digit and its data. Empty if it is none.
std::optional<EnginePacket> parse_packet(std::string_view text);

// Calls `each` with the packets of a polling body in their order, until it says false. False if something in
// the body is no packet; those before it have been handed out.
bool parse_payload(std::string_view body, const std::function<bool(const EnginePacket&)>& each);

}  // namespace realtime
