// Socket.IO 5 packets (socket.io-protocol, revision 5) to and from Engine.IO messages. Pure: hostile text and
// bytes go in, packets or a refusal come out.
#pragma once

#include "realtime/arguments.hpp"

#include <cstdint>
#include <optional>

namespace realtime {

enum class PacketType : std::uint8_t {
    connect = 0,
    disconnect = 1,
    event = 2,
    ack = 3,
    connect_error = 4,
    binary_event = 5,
    binary_ack = 6
};

struct IncomingPacket {
    PacketType type = PacketType::connect;
    std::string namespace_name = "/";
    std::optional<std::uint64_t> id;
    boost::json::value data;  // connect: an object; events and acks: an array; null: none was sent
    Attachments attachments;  // as many as were announced
};

class PacketReader {
public:
    struct Bounds {
        std::size_t attachments_max;
        std::size_t name_bytes_max;
    };
    enum class State { needs_more, ready, broken };

    explicit PacketReader(Bounds bounds) : bounds_(bounds) {}

    // A text or a binary message. On ready, take() gives the packet. After broken the connection must end.
    State add_text(std::string_view text);
    State add_binary(std::string_view bytes);
    IncomingPacket take() { return std::move(packet_); }

private:
    bool read_type(std::string_view& text);
    bool read_attachment_count(std::string_view& text);
    bool read_namespace(std::string_view& text);
    bool read_id(std::string_view& text);
    bool read_data(std::string_view text);
    bool has_fitting_data() const;

    Bounds bounds_;
    IncomingPacket packet_;
    std::size_t attachments_due_ = 0;
};

// What is sent: the text message, the type's digit of Engine.IO included. `data` is JSON, or empty.
std::string packet_text(PacketType type, std::string_view namespace_name, std::optional<std::uint64_t> id,
                        std::string_view data, std::size_t attachments = 0);

// Whether clients may not send it, because it means something else to one of the sides.
bool is_reserved_event(std::string_view name);

}  // namespace realtime
