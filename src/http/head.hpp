// The head of an HTTP/1.1 message (RFC 9112 §2–7), read strictly: whatever two servers could understand in
// two ways is refused, so that no request can hide in another. Pure: bytes in, views out, no sockets.
// docs/decisions/0003 says why this is our own.
#pragma once

#include "http/limits.hpp"
#include "http/message.hpp"

#include <cstdint>
#include <expected>
#include <span>

namespace http {

// Why a request is refused before it reaches an endpoint. The connection ends with the answer: after broken
// framing nobody knows where the next request begins.
struct Refused {
    unsigned status = 400;
    core::ErrorCode code = core::ErrorCode::bad_request;
    std::string_view detail;  // a literal
};

struct Head {
    enum class Body { none, sized, chunked };
    Body body = Body::none;
    std::uint64_t content_length = 0;
    bool expects_continue = false;
};

// Reads a whole head: from the request line to the empty line, both included. Header names are lower-cased in
// place; `request` gets views into `bytes`.
std::expected<Head, Refused> read_head(std::span<char> bytes, const Limits& limits, Request& request);

// Checks one "Name: value" line without its CRLF; trailers (RFC 9112 §7.1.2) use it too.
bool is_header_line(std::string_view line);

}  // namespace http
