#include "auth/sockets.hpp"

#include "auth/revocations.hpp"
#include "realtime/opening.hpp"
#include "users/users.hpp"

namespace auth {

realtime::Namespace::Admit admit_by_token(http::Authenticate authenticate, const core::Clock& clock,
                                          Guests guests) {
    return [authenticate = std::move(authenticate), &clock,
            guests](const realtime::Handshake& handshake) -> realtime::Admitted {
        core::Caller caller;
        caller.ip = handshake.opening.ip;
        caller.user_agent = handshake.opening.user_agent;
        const auto* token = handshake.auth.if_contains("token");
        if (!token && guests == Guests::welcome) return realtime::Admission{caller, {}};
        if (!token || !token->is_string()) {
            return std::unexpected(realtime::Refused::because(
                {core::ErrorCode::unauthenticated, "Connect with auth: {token: <access token>}.", {}, {}}));
        }
        auto known = authenticate(token->get_string(), clock.now(), caller);
        if (!known) return std::unexpected(realtime::Refused::because(known.error()));
        return realtime::Admission{caller, caller.proof_ends_at};
    };
}

jobs::LiveFeed::Hear disconnect_revoked(realtime::Hub& hub) {
    return [&space = hub.of("/")](std::span<const store::Event> events) {
        for (const auto& event : events) {
            if (event.type == session_revoked_event) {
                if (auto session = core::SessionId::from_text(event.subject))
                    space.to_session(*session).disconnect(true);
            } else if (event.type == users::role_changed_event || event.type == users::disabled_event) {
                if (auto user = core::UserId::from_text(event.subject)) space.to_user(*user).disconnect(true);
            }
        }
    };
}

}  // namespace auth
