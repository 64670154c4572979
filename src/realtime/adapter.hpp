// Socket.IO over several nodes: what is emitted on_all_nodes() reaches the clients of the others, and what
// they or a Node process with @socket.io/redis-emitter publish reaches ours. In the wire format of
// @socket.io/redis-adapter (adapter_message.hpp), whatever carries it.
#pragma once

#include "nodes/words.hpp"
#include "realtime/adapter_message.hpp"
#include "realtime/hub.hpp"

namespace realtime {

class Adapter {
public:
    // Before the server starts; both must outlive it.
    Adapter(Hub& hub, nodes::Words& words);
    ~Adapter();
    Adapter(const Adapter&) = delete;
    Adapter& operator=(const Adapter&) = delete;

    // Messages that made no sense here, for metrics.
    std::uint64_t ignored() const { return ignored_; }

private:
    // False: it made no sense.
    bool take_message(std::string_view channel, std::string_view bytes);
    bool take_request(std::string_view channel, std::string_view bytes);

    Hub& hub_;
    nodes::Words& words_;
    const std::string uid_;  // ours: what we have published comes back
    std::atomic<std::uint64_t> ignored_{0};
    nodes::Words::Hearing messages_;
    nodes::Words::Hearing requests_;
};

}  // namespace realtime
