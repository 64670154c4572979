#include "realtime/adapter.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"
#include "realtime/hub_state.hpp"

namespace realtime {
namespace {

constexpr std::size_t uid_bytes = 9;
constexpr std::string_view messages = "#";
constexpr std::string_view requests = "-request#";

// The namespace in "<prefix>-request#<namespace>#".
std::string_view namespace_in(std::string_view channel, std::string_view prefix) {
    channel.remove_prefix(std::min(channel.size(), prefix.size() + requests.size()));
    return channel.substr(0, channel.find('#'));
}

}  // namespace

Adapter::Adapter(Hub& hub, nodes::Words& words)
    : hub_(hub), words_(words), uid_(core::to_base64url(core::random_bytes<uid_bytes>())) {
    hub.state().tell_others = [this](const Emission& emission) {
        words_.say(channel_of(emission), encode_message(uid_, emission));
    };
    messages_ = words.hear(std::string(messages), [this](std::string_view channel, std::string_view bytes) {
        if (!take_message(channel, bytes)) ++ignored_;
    });
    requests_ = words.hear(std::string(requests), [this](std::string_view channel, std::string_view bytes) {
        if (!take_request(channel, bytes)) ++ignored_;
    });
}

Adapter::~Adapter() {
    hub_.state().tell_others = {};
}

bool Adapter::take_message(std::string_view channel, std::string_view bytes) {
    if (bytes.size() > hub_.state().limits.payload_bytes_max) return false;
    auto message = decode_message(bytes, hub_.state().limits.attachments_max);
    if (!message) return false;
    if (message->uid == uid_) return true;
    Emission& emission = message->emission;
    if (!channel.starts_with(words_.prefix() + "#" + emission.namespace_name + "#")) return false;
    if (auto space = hub_.state().find(emission.namespace_name)) {
        space->state().deliver(std::move(emission.target), emission.is_volatile, emission.event,
                               std::move(emission.arguments));
    }
    return true;
}

bool Adapter::take_request(std::string_view channel, std::string_view bytes) {
    if (bytes.size() > hub_.state().limits.payload_bytes_max) return false;
    auto request = decode_request(bytes);
    if (!request) return false;
    auto space = hub_.state().find(namespace_in(channel, words_.prefix()));
    if (!space) return true;
    Broadcast meant = space->everybody();
    for (const std::string& room : request->target.rooms)
        meant.to(room);
    for (const std::string& room : request->target.except)
        meant.except(room);
    switch (request->wish) {
        case AdapterRequest::Wish::join: meant.join(request->rooms); break;
        case AdapterRequest::Wish::leave: meant.leave(request->rooms); break;
        case AdapterRequest::Wish::disconnect: meant.disconnect(request->close); break;
    }
    return true;
}

}  // namespace realtime
