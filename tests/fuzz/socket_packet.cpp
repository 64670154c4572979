// Any text and bytes as Socket.IO messages: 0x1F in the input parts one message from the next, a message that
// begins with 0x01 is binary.
#include "realtime/packet.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using realtime::PacketReader;
    constexpr std::size_t attachments_max = 10;
    PacketReader reader({.attachments_max = attachments_max, .name_bytes_max = 256});
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        std::string_view message = rest.substr(0, rest.find('\x1f'));
        rest.remove_prefix(std::min(rest.size(), message.size() + 1));
        bool binary = message.starts_with('\x01');
        auto state = binary ? reader.add_binary(message.substr(1)) : reader.add_text(message);
        if (state == PacketReader::State::broken) return 0;
        if (state != PacketReader::State::ready) continue;
        auto packet = reader.take();
        if (packet.attachments.size() > attachments_max) std::abort();
        bool is_event =
            packet.type == realtime::PacketType::event || packet.type == realtime::PacketType::binary_event;
        if (is_event && (!packet.data.is_array() || packet.data.get_array().empty())) std::abort();
    }
    return 0;
}
