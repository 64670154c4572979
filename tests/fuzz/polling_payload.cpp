// Any body as a polling payload. What is whole must survive being joined again.
#include "realtime/base64.hpp"
#include "realtime/engine_packet.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string_view body(reinterpret_cast<const char*>(data), size);
    std::string joined;
    std::size_t count = 0;
    bool whole = realtime::parse_payload(body, [&](const realtime::EnginePacket& packet) {
        if (count++ > 0) joined += realtime::packet_separator;
        if (packet.binary) {
            joined += "b" + realtime::to_base64(packet.data);
        } else {
            joined += static_cast<char>(packet.type);
            joined += packet.data;
        }
        return true;
    });
    // Base64 may leave its padding out, so only text compares byte by byte.
    bool has_bytes = joined.find('b') != std::string::npos;
    if (whole && !has_bytes && joined != body) std::abort();
    return 0;
}
