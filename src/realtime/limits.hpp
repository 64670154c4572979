// Every limit of the real-time side: its name, its default and its reason. The protocol's own defaults are
// those of npm's socket.io 4.8, so that clients see what they know.
#pragma once

#include <chrono>
#include <cstddef>

namespace realtime {

using std::chrono::milliseconds;

struct Limits {
    milliseconds ping_interval{25'000};    // from a client's pong to the next ping
    milliseconds ping_timeout{20'000};     // for the pong
    milliseconds upgrade_timeout{10'000};  // from a WebSocket's arrival to the end of its upgrade
    milliseconds connect_timeout{45'000};  // to join a first namespace
    milliseconds closing_timeout{5'000};   // for a WebSocket client to answer our close frame

    std::size_t payload_bytes_max = 1'000'000;  // one WebSocket message or one polling body
    std::size_t attachments_max = 10;           // of one packet, as npm's socket.io since 4.2.6
    std::size_t namespaces_max = 32;            // that one connection may join
    std::size_t name_bytes_max = 256;           // of a namespace
    std::size_t dynamic_namespaces_max = 1000;  // that exist at once because clients asked for them
    std::size_t rooms_max = 1000;               // that one socket may be in
    std::size_t sockets_per_user_max = 20;      // of one signed-in user: devices and open tabs
    std::size_t acks_waiting_max = 1000;        // emits of ours to one socket that wait for their ack
    std::size_t events_waiting_max = 64;        // of one socket; beyond that its connection isn't read
    // What waits for a client that doesn't read; it is dropped at the first packet beyond that. Room for a
    // packet of ten large attachments.
    std::size_t unsent_bytes_max = 4'000'000;

    bool deflate = false;                  // offer permessage-deflate (RFC 7692)
    std::size_t deflate_bytes_min = 1024;  // below this, compressing costs more than it saves

    milliseconds recovery{0};                     // how long a lost connection's state is kept; 0: never
    std::size_t recovery_bytes_max = 16'000'000;  // of events kept for that, per namespace
    std::size_t recovery_sessions_max = 10'000;   // of sockets kept for that, per namespace
};

}  // namespace realtime
