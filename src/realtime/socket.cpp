#include "realtime/client.hpp"

#include "core/log.hpp"
#include "realtime/typed.hpp"

namespace realtime {
namespace {

// Has `work` done with the socket's client on its thread, if it is still there by then; at once if this is
// it.
template <class F>
void with_client(const std::shared_ptr<SocketState>& socket, F work) {
    auto run = [socket, work = std::move(work)] {
        if (socket->client) work(*socket->client, *socket);
    };
    if (socket->lane.is_here()) {
        run();
    } else {
        socket->lane.submit(std::move(run));
    }
}

}  // namespace

const boost::json::value& Event::argument(std::size_t index) const {
    static const boost::json::value none;
    return index < arguments.size() ? arguments[index] : none;
}

struct Ack::State {
    std::weak_ptr<SocketState> socket;
    std::uint64_t id = 0;
    std::atomic<bool> sent{false};
};

Ack::Ack(std::weak_ptr<SocketState> socket, std::uint64_t id) : state_(std::make_shared<State>()) {
    state_->socket = std::move(socket);
    state_->id = id;
}

void Ack::send(Arguments arguments) const {
    if (!state_ || state_->sent.exchange(true)) return;
    auto socket = state_->socket.lock();
    if (!socket) return;
    with_client(socket, [id = state_->id, arguments = std::move(arguments)](Client& client, SocketState& to) {
        client.send(encode_ack(to.space->name(), id, arguments));
    });
}

const std::string& Socket::id() const {
    return state_->id;
}

const std::string& Socket::namespace_name() const {
    return state_->space->name();
}

Namespace& Socket::space() const {
    return *state_->space;
}

const Opening& Socket::opening() const {
    return *state_->opening;
}

const boost::json::object& Socket::auth() const {
    return state_->auth;
}

core::Caller Socket::caller() const {
    std::lock_guard lock(state_->mutex);
    return state_->caller;
}

bool Socket::recovered() const {
    return state_->recovered;
}

void Socket::send(std::string_view event, Arguments arguments) const {
    auto& space = state_->space->state();
    if (space.recovery.is_on()) {
        return space.deliver({{state_->id}, {}}, false, event, std::move(arguments), &state_->lane);
    }
    with_client(state_, [event = std::string(event), arguments = std::move(arguments)](Client& client,
                                                                                       SocketState& to) {
        client.send(encode_event(to.space->name(), event, arguments));
    });
}

void Socket::send_volatile(std::string_view event, Arguments arguments) const {
    with_client(state_, [event = std::string(event), arguments = std::move(arguments)](Client& client,
                                                                                       SocketState& to) {
        client.send(encode_event(to.space->name(), event, arguments), true);
    });
}

void Socket::ask(std::string_view event, Arguments arguments, milliseconds timeout,
                 OnAnswer on_answer) const {
    auto work = [socket = state_, event = std::string(event), arguments = std::move(arguments), timeout,
                 on_answer = std::move(on_answer)] {
        const Limits& limits = socket->lane.limits();
        if (!socket->client || socket->questions.size() >= limits.acks_waiting_max) return on_answer({});
        std::uint64_t id = socket->next_question++;
        socket->questions.emplace(
            id, SocketState::Question{std::chrono::steady_clock::now() + timeout, on_answer});
        socket->client->set_timer(*socket);
        socket->client->send(encode_event(socket->space->name(), event, arguments, id));
    };
    if (state_->lane.is_here()) {
        work();
    } else {
        state_->lane.submit(std::move(work));
    }
}

void Socket::join(std::string room) const {
    with_client(state_, [room = std::move(room)](Client&, SocketState& socket) {
        if (socket.memberships.size() >= socket.lane.limits().rooms_max) return;
        socket.space->state().rooms(socket.lane).join(socket, room);
    });
}

void Socket::leave(std::string room) const {
    with_client(state_, [room = std::move(room)](Client&, SocketState& socket) {
        socket.space->state().rooms(socket.lane).leave(socket, room);
    });
}

std::vector<std::string> Socket::rooms() const {
    std::vector<std::string> names;
    for (const Membership& membership : state_->memberships)
        names.push_back(membership.room->name);
    return names;
}

void Socket::disconnect(bool close) const {
    with_client(state_, [close](Client& client, SocketState& socket) { client.disconnect(socket, close); });
}

std::any& Socket::data() const {
    return state_->data;
}

void refuse(const Socket& socket, const Ack& ack, const core::Error& error) {
    boost::json::object told{{"code", core::name_of(error.code)}, {"message", error.detail}};
    boost::json::array fields;
    for (const core::FieldError& field : error.fields)
        fields.push_back({{"field", field.field}, {"code", field.code}, {"message", field.message}});
    if (!fields.empty()) told["errors"] = std::move(fields);
    for (const auto& member : error.extra)
        told[member.key()] = member.value();
    if (!ack.wanted()) return socket.emit("error", told);
    ack(boost::json::object{{"ok", false}, {"error", std::move(told)}});
}

boost::asio::awaitable<void> answering(std::string event, Socket socket, Ack ack,
                                       boost::asio::awaitable<void> body) {
    std::string failed;
    try {
        co_await std::move(body);
        co_return;
    } catch (const std::exception& failure) {
        failed = failure.what();
    }
    spdlog::error("realtime: {} failed: {}", core::quoted(event), core::quoted(failed));
    refuse(socket, ack, {core::ErrorCode::internal, "Something went wrong here. Try again.", {}, {}});
}

}  // namespace realtime
