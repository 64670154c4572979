// A packet on its way out, ready for both transports and shared by all who get it: a broadcast is encoded
// once.
#pragma once

#include "realtime/arguments.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace realtime {

class Outgoing {
public:
    // A text packet, type digit included.
    explicit Outgoing(std::string_view packet);
    // A message of bytes.
    explicit Outgoing(const Bytes& bytes);
    // Bytes that go out as they are: a handshake answer, a control frame.
    struct Raw {
        std::string bytes;
    };
    explicit Outgoing(Raw raw) : bytes_(std::move(raw.bytes)), head_size_(bytes_.size()) {}

    // As a WebSocket frame.
    std::string_view websocket() const { return bytes_; }
    // The same, compressed.
    std::string_view compressed_websocket() const;
    // As a packet of a polling body: text, or "b" and base64.
    void append_to_payload(std::string& body) const;

    std::size_t size() const { return bytes_.size(); }
    bool is_raw() const { return head_size_ == bytes_.size() && !binary_; }

private:
    std::string_view payload() const { return std::string_view(bytes_).substr(head_size_); }

    std::string bytes_;  // a WebSocket frame: head and payload
    std::size_t head_size_ = 0;
    bool binary_ = false;
    mutable std::once_flag compressing_;
    mutable std::string compressed_;
};

using Packet = std::shared_ptr<const Outgoing>;
using Packets = std::vector<Packet>;  // one event with its attachments

template <class T>
Packet make_packet(T&& content) {
    return std::make_shared<const Outgoing>(std::forward<T>(content));
}

}  // namespace realtime
