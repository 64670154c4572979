// What an Engine.IO 4 session does next: its heartbeat and its upgrade from polling to WebSocket. Pure:
// packets and times in, steps out; connection.cpp takes them.
#pragma once

#include "realtime/engine_packet.hpp"
#include "realtime/limits.hpp"
#include "realtime/reason.hpp"

namespace realtime {

using TimePoint = std::chrono::steady_clock::time_point;

enum class Transport { polling, websocket };

enum class Step {
    nothing,
    deliver,       // hand the message to whom it is for
    send_ping,     // `2` by the session's transport
    end_poll,      // `6` to the GET that waits, if one does, so that the client can change over
    answer_probe,  // `3probe` by the WebSocket that wants to take over
    switch_over,   // the WebSocket is the session's transport from now on
    drop_probe,    // close that WebSocket; the session goes on by polling
    close          // end the session, for `reason`
};

struct Action {
    Step step = Step::nothing;
    Reason reason = Reason::transport_close;  // of close
};

class EngineSession {
public:
    EngineSession(const Limits& limits, Transport transport, TimePoint now);

    Transport transport() const { return transport_; }

    // A packet by the session's transport.
    Action receive(const EnginePacket& packet, TimePoint now);

    // Another WebSocket came with this session's id. False: it has to go.
    bool begin_upgrade(TimePoint now);
    Action receive_on_probe(const EnginePacket& packet, TimePoint now);
    void probe_is_gone() { upgrade_ = Upgrade::none; }

    // What is due; call again until nothing is.
    Action due(TimePoint now);
    // When due() has something to say next.
    TimePoint deadline() const;

private:
    enum class Upgrade { none, connected, probed };

    const Limits& limits_;
    Transport transport_;
    Upgrade upgrade_ = Upgrade::none;
    bool awaits_pong_ = false;
    TimePoint heartbeat_at_;     // of the next ping, or by when the pong must have come
    TimePoint upgrade_ends_at_;  // while upgrading
    TimePoint end_poll_at_;      // while probed
};

}  // namespace realtime
