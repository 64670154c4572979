// Bytes of a WebSocket client to messages (RFC 6455 §5), strictly. Pure: no socket, no clock; it says with
// which code a connection must be closed.
#pragma once

#include "realtime/utf8.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace realtime {

// RFC 6455 §7.4.1.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t none = 1005;  // a close frame without a code; never sent
inline constexpr std::uint16_t invalid_data = 1007;
inline constexpr std::uint16_t too_big = 1009;
}  // namespace close_code

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// A frame as a server sends it: not masked, in one piece.
std::string websocket_frame(Opcode opcode, std::string_view payload, bool compressed = false);
// Its head alone.
std::string websocket_frame_head(Opcode opcode, std::size_t payload_size, bool compressed = false);
// A close frame; close_code::none: without a code.
std::string websocket_close_frame(std::uint16_t code);

class WebSocketReader {
public:
    struct Item {
        enum class Kind {
            nothing,  // all bytes are used up
            text,     // a whole message; `payload` is valid until the next call
            binary,
            ping,
            pong,
            close,  // `code`: what the client said
            failed  // `code`: what to close with; nothing more is to be read
        };
        Kind kind = Kind::nothing;
        std::string_view payload;
        std::uint16_t code = 0;
    };

    WebSocketReader(std::size_t message_bytes_max, bool deflate)
        : message_bytes_max_(message_bytes_max), deflate_(deflate) {}

    // Takes bytes from the front of `input` (and unmasks them in place) until something is complete. Call
    // until nothing.
    Item next(std::span<char>& input);

private:
    Item fail(std::uint16_t code);
    bool read_head(std::span<char>& input, Item& item);
    std::uint16_t check_head_start() const;
    std::uint16_t begin_frame();
    Item read_control(std::span<char> part);
    Item read_data(std::span<char> part);
    Item finish_message(std::string_view whole);
    Item finish_compressed();
    void unmask(std::span<char> part);

    std::size_t message_bytes_max_;
    bool deflate_;
    bool failed_ = false;

    std::array<unsigned char, 14> head_{};
    std::uint8_t head_size_ = 0;
    bool in_payload_ = false;

    // Of the frame that is being read.
    Opcode opcode_{};
    bool final_ = false;
    std::uint64_t left_ = 0;
    std::array<unsigned char, 4> mask_{};
    std::uint8_t mask_at_ = 0;

    // Of the message that is being read; control frames may come between its frames.
    bool in_message_ = false;
    bool is_text_ = false;
    bool is_compressed_ = false;
    bool is_over_ = false;  // given away: message_ is free
    Utf8Check utf8_;
    std::string message_;
    std::string control_;
};

}  // namespace realtime
