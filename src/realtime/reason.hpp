// Why a connection or a socket ended; text_of() gives the words that Socket.IO uses.
#pragma once

#include <string_view>

namespace realtime {

enum class Reason {
    transport_close,
    transport_error,
    ping_timeout,
    parse_error,
    forced_close,
    client_namespace_disconnect,
    server_namespace_disconnect,
    server_shutting_down
};

constexpr std::string_view text_of(Reason reason) {
    switch (reason) {
        case Reason::transport_close: return "transport close";
        case Reason::transport_error: return "transport error";
        case Reason::ping_timeout: return "ping timeout";
        case Reason::parse_error: return "parse error";
        case Reason::forced_close: return "forced close";
        case Reason::client_namespace_disconnect: return "client namespace disconnect";
        case Reason::server_namespace_disconnect: return "server namespace disconnect";
        case Reason::server_shutting_down: return "server shutting down";
    }
    return {};
}

}  // namespace realtime
