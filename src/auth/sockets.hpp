// Signing in over Socket.IO: the access token of the handshake, and the end of connections whose session
// ended.
#pragma once

#include "core/time.hpp"
#include "http/access.hpp"
#include "jobs/live_feed.hpp"
#include "realtime/hub.hpp"

namespace auth {

enum class Guests { refused, welcome };

// Who a client with `auth: {token}` is, for as long as the token lasts. Without a token a guest, where they
// are welcome.
realtime::Namespace::Admit admit_by_token(http::Authenticate authenticate, const core::Clock& clock,
                                          Guests guests);

// Disconnects a session that is revoked and an account that is disabled or has another role, on every node.
jobs::LiveFeed::Hear disconnect_revoked(realtime::Hub& hub);

}  // namespace auth
