// What happens to a socket by the clock: answers that don't come, tokens that end.
#include "realtime/client.hpp"

#include "realtime/typed.hpp"

namespace realtime {
namespace {

constexpr std::chrono::seconds warning_time{60};  // between auth:expiring and the end of a token

TimePoint now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

void Client::set_timer(SocketState& socket) {
    TimePoint next = TimePoint::max();
    for (const auto& [id, question] : socket.questions)
        next = std::min(next, question.ends_at);
    if (socket.expires_at) {
        auto left = std::chrono::milliseconds(socket.expires_at->ms - hub_.clock.now().ms);
        if (!socket.was_warned) left -= warning_time;
        next = std::min(next, now() + std::max(left, std::chrono::milliseconds{0}));
    }
    if (next == TimePoint::max()) return socket.timer.reset();
    if (!socket.timer) {
        socket.timer = std::make_unique<Timer>(lane_.timers(), [this, &socket] { on_socket_timer(socket); });
    }
    socket.timer->set(next);
}

void Client::on_socket_timer(SocketState& socket) {
    auto keep = socket.shared_from_this();
    auto self = shared_from_this();
    std::vector<OnAnswer> unanswered;
    auto time = now();
    std::erase_if(socket.questions, [&](auto& entry) {
        bool late = entry.second.ends_at <= time;
        if (late) unanswered.push_back(std::move(entry.second.on_answer));
        return late;
    });
    for (auto& on_answer : unanswered)
        on_answer({});
    if (socket.client) check_token(socket);
    if (socket.client) set_timer(socket);
}

void Client::check_token(SocketState& socket) {
    if (!socket.expires_at) return;
    auto left = std::chrono::milliseconds(socket.expires_at->ms - hub_.clock.now().ms);
    if (left.count() <= 0) {
        if (connection_) connection_->close(Reason::forced_close);
    } else if (left <= warning_time && !socket.was_warned) {
        socket.was_warned = true;
        Arguments arguments;
        arguments.json = R"({"expires_at":)" + core::to_json(*socket.expires_at) + "}";
        send(encode_event(socket.space->name(), "auth:expiring", arguments));
    }
}

void Client::refresh_token(SocketState& socket, const Event& event, const Ack& ack) {
    auto refused = [&](std::string message) {
        realtime::refuse(Socket(socket.shared_from_this()), ack,
                         {core::ErrorCode::unauthenticated, std::move(message), {}, {}});
    };
    const auto* auth = event.argument(0).if_object();
    auto& definition = *socket.space->state().definition;
    if (!auth || !definition.admit) return refused("auth:refresh needs {token}.");
    auto decided = definition.admit(Handshake{socket.space->name(), *auth, *opening_});
    if (!decided) return refused(decided.error().message);
    const auto& user = decided->caller.user;
    if (!user || user != socket.caller.user) return refused("The token is somebody else's.");
    {
        std::lock_guard lock(socket.mutex);
        socket.caller.session = decided->caller.session;
        socket.caller.role = decided->caller.role;
        socket.caller.permissions = decided->caller.permissions;
    }
    join_own_rooms(socket);
    socket.expires_at = decided->expires_at;
    socket.was_warned = false;
    set_timer(socket);
    ack(boost::json::object{{"ok", true}});
}

}  // namespace realtime
