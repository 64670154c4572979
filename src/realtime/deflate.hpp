// permessage-deflate (RFC 7692) without context takeover in either direction: a connection keeps no window,
// so the compressors are shared by a thread, and a message sent to many is compressed once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace realtime {

// Whether one of the offers in Sec-WebSocket-Extensions can be taken as deflate_answer.
bool offers_deflate(std::string_view extensions);
inline constexpr std::string_view deflate_answer =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

// The payload of a compressed message.
std::string deflated(std::string_view text);

struct Inflated {
    enum class State { good, broken, too_big };
    State state = State::good;
    std::string text;
};
Inflated inflated(std::string_view payload, std::size_t bytes_max);

}  // namespace realtime
