#include "realtime/engine_packet.hpp"

#include "realtime/base64.hpp"

#include <algorithm>

namespace realtime {

std::optional<EnginePacket> parse_packet(std::string_view text) {
    if (text.empty() || text.front() < '0' || text.front() > '6') return {};
    return EnginePacket{static_cast<EnginePacket::Type>(text.front()), false, text.substr(1)};
}

bool parse_payload(std::string_view body, const std::function<bool(const EnginePacket&)>& each) {
    for (;;) {
        std::string_view text = body.substr(0, body.find(packet_separator));
        if (text.starts_with('b')) {
            auto bytes = from_base64(text.substr(1));
            if (!bytes) return false;
            if (!each({EnginePacket::Type::message, true, *bytes})) return true;
        } else {
            auto packet = parse_packet(text);
            if (!packet) return false;
            if (!each(*packet)) return true;
        }
        if (text.size() == body.size()) return true;
        body.remove_prefix(text.size() + 1);
    }
}

}  // namespace realtime
