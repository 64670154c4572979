#include "realtime/engine_session.hpp"

#include <algorithm>

namespace realtime {
namespace {

// How often a GET is ended while the client changes over: as npm's engine.io does it, not at once, so that a
// client sees what it has asked for before it sees that.
constexpr milliseconds end_poll_interval{100};
constexpr std::string_view probe = "probe";

}  // namespace

EngineSession::EngineSession(const Limits& limits, Transport transport, TimePoint now)
    : limits_(limits), transport_(transport), heartbeat_at_(now + limits.ping_interval) {}

Action EngineSession::receive(const EnginePacket& packet, TimePoint now) {
    using Type = EnginePacket::Type;
    switch (packet.type) {
        case Type::message: return {Step::deliver};
        case Type::pong:
            awaits_pong_ = false;
            heartbeat_at_ = now + limits_.ping_interval;
            return {};
        case Type::close: return {Step::close, Reason::transport_close};
        case Type::ping: return {Step::close, Reason::transport_error};  // in version 4 the server asks
        case Type::open:
        case Type::upgrade:
        case Type::noop: return {};
    }
    return {};
}

bool EngineSession::begin_upgrade(TimePoint now) {
    if (transport_ == Transport::websocket || upgrade_ != Upgrade::none) return false;
    upgrade_ = Upgrade::connected;
    upgrade_ends_at_ = now + limits_.upgrade_timeout;
    return true;
}

Action EngineSession::receive_on_probe(const EnginePacket& packet, TimePoint now) {
    if (packet.type == EnginePacket::Type::ping && packet.data == probe) {
        upgrade_ = Upgrade::probed;
        end_poll_at_ = now + end_poll_interval;
        return {Step::answer_probe};
    }
    bool agreed = packet.type == EnginePacket::Type::upgrade && upgrade_ == Upgrade::probed;
    upgrade_ = Upgrade::none;
    if (!agreed) return {Step::drop_probe};
    transport_ = Transport::websocket;
    return {Step::switch_over};
}

Action EngineSession::due(TimePoint now) {
    if (now >= heartbeat_at_) {
        if (awaits_pong_) return {Step::close, Reason::ping_timeout};
        // Counted from when the ping was due, so that a late timer makes no session live longer.
        awaits_pong_ = true;
        heartbeat_at_ += limits_.ping_timeout;
        return {Step::send_ping};
    }
    if (upgrade_ != Upgrade::none && now >= upgrade_ends_at_) {
        upgrade_ = Upgrade::none;
        return {Step::drop_probe};
    }
    if (upgrade_ == Upgrade::probed && now >= end_poll_at_) {
        end_poll_at_ = now + end_poll_interval;
        return {Step::end_poll};
    }
    return {};
}

TimePoint EngineSession::deadline() const {
    TimePoint next = heartbeat_at_;
    if (upgrade_ != Upgrade::none) next = std::min(next, upgrade_ends_at_);
    if (upgrade_ == Upgrade::probed) next = std::min(next, end_poll_at_);
    return next;
}

}  // namespace realtime
