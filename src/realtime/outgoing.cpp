#include "realtime/outgoing.hpp"

#include "realtime/base64.hpp"
#include "realtime/deflate.hpp"
#include "realtime/websocket_reader.hpp"

namespace realtime {

Outgoing::Outgoing(std::string_view packet) {
    bytes_ = websocket_frame_head(Opcode::text, packet.size());
    head_size_ = bytes_.size();
    bytes_ += packet;
}

Outgoing::Outgoing(const Bytes& bytes) : binary_(true) {
    bytes_ = websocket_frame_head(Opcode::binary, bytes->size());
    head_size_ = bytes_.size();
    bytes_ += *bytes;
}

std::string_view Outgoing::compressed_websocket() const {
    std::call_once(compressing_, [this] {
        compressed_ = websocket_frame(binary_ ? Opcode::binary : Opcode::text, deflated(payload()), true);
    });
    return compressed_;
}

void Outgoing::append_to_payload(std::string& body) const {
    if (binary_) {
        body.append("b").append(to_base64(payload()));
    } else {
        body.append(payload());
    }
}

}  // namespace realtime
