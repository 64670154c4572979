// Any bytes as a message of another Socket.IO server: what is understood must be something that clients can
// be sent, and come back from what we would publish of it.
#include "realtime/adapter_message.hpp"
#include "realtime/packet.hpp"

#include <boost/json/parse.hpp>

#include <cstdlib>

namespace {

constexpr std::size_t attachments_max = 10;

realtime::AdapterMessage published(const realtime::AdapterMessage& message) {
    auto bytes = realtime::encode_message(message.uid, message.emission);
    auto read = realtime::decode_message(bytes, attachments_max);
    if (!read) std::abort();
    return *read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    realtime::decode_request(bytes);
    auto message = realtime::decode_message(bytes, attachments_max);
    if (!message) return 0;
    const auto& emission = message->emission;
    if (emission.arguments.attachments.size() > attachments_max ||
        realtime::is_reserved_event(emission.event))
        std::abort();
    boost::system::error_code failed;
    boost::json::parse("[" + emission.arguments.json + "]", failed, {}, {.max_depth = 65});
    if (failed) std::abort();
    // -0 and attachments that no argument has are gone after the first time; then nothing changes any more.
    auto again = published(*message);
    auto once_more = published(again);
    if (again.emission.target.rooms != emission.target.rooms ||
        again.emission.arguments.json != once_more.emission.arguments.json)
        std::abort();
    return 0;
}
