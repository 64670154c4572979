// The server's part of a WebSocket's opening handshake (RFC 6455 §4.2).
#pragma once

#include "http/message.hpp"

#include <optional>
#include <string>

namespace realtime {

bool asks_for_websocket(const http::Request& request);

// What is wrong with the request as a handshake, as an answer: 400, or 426 for another version than 13.
std::optional<http::Reply> refuse_websocket(const http::Request& request);

// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

// The whole 101 answer.
std::string websocket_answer(const http::Request& request, bool deflate);

}  // namespace realtime
