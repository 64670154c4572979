// What a connection carries: Socket.IO (client.hpp), or anything else that speaks in Engine.IO messages.
#pragma once

#include "realtime/reason.hpp"

#include <string_view>

namespace realtime {

// All of it is called on the connection's thread.
class Receiver {
public:
    virtual ~Receiver() = default;
    virtual void receive_text(std::string_view text) = 0;
    virtual void receive_binary(std::string_view bytes) = 0;
    // The connection is over; it is destroyed soon after.
    virtual void closed(Reason reason) = 0;
    // Has something in work that the client waits for.
    virtual bool is_busy() const = 0;
};

}  // namespace realtime
