#include "realtime/client.hpp"

#include "core/encoding.hpp"
#include "core/log.hpp"
#include "core/random.hpp"

#include <boost/asio/co_spawn.hpp>

namespace realtime {
namespace {

constexpr std::size_t socket_id_bytes = 15;   // 120 random bits: 20 characters
constexpr std::size_t private_id_bytes = 18;  // a secret of the client's

TimePoint now() {
    return std::chrono::steady_clock::now();
}

template <std::size_t N>
std::string random_id() {
    return core::to_base64url(core::random_bytes<N>());
}

// Reasons after which a client comes back by itself (those of npm's socket.io).
bool is_recoverable(Reason reason) {
    return reason != Reason::client_namespace_disconnect && reason != Reason::server_namespace_disconnect &&
           reason != Reason::parse_error;
}

const std::string* text_member(const boost::json::object& object, std::string_view name, std::string& out) {
    const auto* value = object.if_contains(name);
    if (!value || !value->is_string()) return nullptr;
    out = value->get_string();
    return &out;
}

}  // namespace

Client::Client(Hub::State& hub, Connection& connection)
    : hub_(hub),
      lane_(connection.lane()),
      connection_(&connection),
      opening_(connection.opening()),
      reader_({hub.limits.attachments_max, hub.limits.name_bytes_max}),
      connect_timer_(connection.lane().timers(), [this] {
          if (connection_) connection_->close(Reason::forced_close);
      }) {
    connect_timer_.set(now() + hub.limits.connect_timeout);
}

void Client::receive_text(std::string_view text) {
    receive(reader_.add_text(text));
}

void Client::receive_binary(std::string_view bytes) {
    receive(reader_.add_binary(bytes));
}

void Client::receive(PacketReader::State state) {
    if (state == PacketReader::State::needs_more || !connection_) return;
    if (state == PacketReader::State::broken) return connection_->close(Reason::parse_error);
    IncomingPacket packet = reader_.take();
    Shared socket = find(packet.namespace_name);
    if (!socket && packet.type == PacketType::connect) return connect(std::move(packet));
    bool fits = socket && packet.type != PacketType::connect && packet.type != PacketType::connect_error;
    if (!fits) return connection_->close(Reason::forced_close);
    take_packet(socket, std::move(packet));
}

Client::Shared Client::find(std::string_view namespace_name) const {
    auto found = std::ranges::find_if(
        sockets_, [&](const Shared& socket) { return socket->space->name() == namespace_name; });
    return found == sockets_.end() ? nullptr : *found;
}

void Client::send(const Packets& packets, bool is_volatile) {
    if (!connection_ || (is_volatile && !connection_->is_writable())) return;
    for (const Packet& packet : packets) {
        if (connection_) connection_->send(packet);
    }
}

// --- coming and going --------------------------------------------------------

void Client::refuse(std::string_view namespace_name, const Refused& refused) {
    boost::json::object data{{"message", refused.message}};
    if (!refused.data.empty()) data["data"] = refused.data;
    std::string text =
        packet_text(PacketType::connect_error, namespace_name, {}, boost::json::serialize(data));
    send({make_packet(std::string_view(text))});
}

void Client::connect(IncomingPacket packet) {
    const std::string& name = packet.namespace_name;
    if (sockets_.size() >= hub_.limits.namespaces_max) return refuse(name, {"Too many namespaces", {}});
    auto space = hub_.enter(name);
    if (!space) return refuse(name, {"Invalid namespace", {}});
    boost::json::object auth;
    if (packet.data.is_object()) auth = std::move(packet.data.get_object());
    auto socket = admitted(space, std::move(auth));
    if (!socket) {
        hub_.exit(*space);
        return refuse(name, socket.error());
    }
    connect_timer_.cancel();
    Socket handle(*socket);
    const Definition& definition = *space->state().definition;
    for (auto& listener : definition.on_connect)
        listener(handle);
    if (definition.greeting) start(*socket, "the greeting", definition.greeting(handle));
}

std::expected<Client::Shared, Refused> Client::admitted(const std::shared_ptr<Namespace>& space,
                                                        boost::json::object auth) {
    auto& state = space->state();
    Admission admission;
    if (state.definition->admit) {
        auto decided = state.definition->admit(Handshake{space->name(), auth, *opening_});
        if (!decided) return std::unexpected(std::move(decided.error()));
        admission = std::move(*decided);
    }
    const auto& user = admission.caller.user;
    if (user && !state.enter(*user, hub_.limits.sockets_per_user_max))
        return std::unexpected(Refused{"Too many connections", {{"code", "rate_limited"}}});
    auto socket = std::make_shared<SocketState>(space, lane_, random_id<socket_id_bytes>());
    socket->client = this;
    socket->opening = opening_;
    socket->caller = std::move(admission.caller);
    socket->caller.ip = opening_->ip;
    socket->caller.user_agent = opening_->user_agent;
    socket->expires_at = admission.expires_at;
    Packets missed = recover(*socket, auth);
    socket->auth = std::move(auth);
    sockets_.push_back(socket);
    state.rooms(lane_).add(*socket);
    join_own_rooms(*socket);
    std::string welcome = R"({"sid":")" + socket->id + "\"";
    if (!socket->private_id.empty()) welcome += R"(,"pid":")" + socket->private_id + "\"";
    std::string text = packet_text(PacketType::connect, space->name(), {}, welcome + "}");
    missed.insert(missed.begin(), make_packet(std::string_view(text)));
    send(missed);
    set_timer(*socket);
    return socket;
}

// What the client missed, if it comes back to a socket that is still known. Gives it its id, rooms and data.
Packets Client::recover(SocketState& socket, const boost::json::object& auth) {
    Recovery& recovery = socket.space->state().recovery;
    if (!recovery.is_on()) return {};
    socket.private_id = random_id<private_id_bytes>();
    std::string private_id, offset;
    if (!text_member(auth, "pid", private_id) || !text_member(auth, "offset", offset)) return {};
    auto recovered = recovery.take(private_id, offset, socket.caller.user, now());
    if (!recovered) return {};
    socket.id = std::move(recovered->session.id);
    socket.private_id = std::move(private_id);
    socket.data = std::move(recovered->session.data);
    socket.seen_up_to = recovered->seen_up_to;
    socket.recovered = true;
    for (const std::string& room : recovered->session.rooms)
        socket.space->state().rooms(lane_).join(socket, room);
    Packets missed;
    for (const auto& packets : recovered->missed)
        missed.insert(missed.end(), packets->begin(), packets->end());
    return missed;
}

void Client::join_own_rooms(SocketState& socket) {
    Rooms& rooms = socket.space->state().rooms(lane_);
    if (socket.caller.user) rooms.join(socket, Namespace::user_room(*socket.caller.user));
    if (socket.caller.session) rooms.join(socket, Namespace::session_room(*socket.caller.session));
}

void Client::leave(const Shared& socket, Reason reason) {
    auto space = socket->space;
    std::erase(sockets_, socket);
    Socket handle(socket);
    for (auto& listener : space->state().definition->on_disconnect)
        listener(handle, reason);
    keep_for_recovery(*socket, reason);
    space->state().rooms(lane_).remove(*socket);
    socket->client = nullptr;
    socket->timer.reset();
    auto questions = std::exchange(socket->questions, {});
    for (auto& [id, question] : questions)
        question.on_answer({});
    if (socket->caller.user) space->state().exit(*socket->caller.user);
    hub_.exit(*space);
}

void Client::keep_for_recovery(SocketState& socket, Reason reason) {
    if (socket.private_id.empty() || !is_recoverable(reason)) return;
    Recovery::Session session{socket.id, {}, socket.caller.user, socket.data, now()};
    for (const Membership& membership : socket.memberships)
        session.rooms.push_back(membership.room->name);
    socket.space->state().recovery.keep(socket.private_id, std::move(session));
}

void Client::closed(Reason reason) {
    auto self = shared_from_this();
    connection_ = nullptr;
    connect_timer_.cancel();
    while (!sockets_.empty()) {
        Shared last = sockets_.back();
        leave(last, reason);
    }
}

void Client::disconnect(SocketState& socket, bool close) {
    if (!connection_) return;
    if (close) return connection_->close(Reason::forced_close);
    std::string text = packet_text(PacketType::disconnect, socket.space->name(), {}, {});
    send({make_packet(std::string_view(text))});
    leave(socket.shared_from_this(), Reason::server_namespace_disconnect);
}

// --- packets -----------------------------------------------------------------

void Client::take_packet(const Shared& socket, IncomingPacket packet) {
    switch (packet.type) {
        case PacketType::event:
        case PacketType::binary_event: return take_event(socket, std::move(packet));
        case PacketType::ack:
        case PacketType::binary_ack: return take_answer(*socket, std::move(packet));
        case PacketType::disconnect: return leave(socket, Reason::client_namespace_disconnect);
        case PacketType::connect:
        case PacketType::connect_error: return;
    }
}

void Client::take_answer(SocketState& socket, IncomingPacket packet) {
    auto question = socket.questions.extract(*packet.id);
    if (!question) return;  // nobody asked, or it came too late
    set_timer(socket);
    question.mapped().on_answer(Answer{std::move(packet.data.get_array()), std::move(packet.attachments)});
}

void Client::take_event(const Shared& socket, IncomingPacket packet) {
    auto& array = packet.data.get_array();
    const auto& name = array.front();
    Event event;
    event.name = name.is_string() ? std::string(name.get_string()) : boost::json::serialize(name);
    array.erase(array.begin());
    event.arguments = std::move(array);
    event.attachments = std::move(packet.attachments);
    Ack ack = packet.id ? Ack(socket, *packet.id) : Ack();
    if (socket->expires_at && event.name == "auth:refresh") return refresh_token(*socket, event, ack);
    SocketState::Waiting waiting{std::move(event), std::move(ack)};
    bool in_line = socket->is_working || (socket->waiting_events && !socket->waiting_events->empty());
    if (!in_line) return run(socket, std::move(waiting));
    if (!socket->waiting_events)
        socket->waiting_events = std::make_unique<std::deque<SocketState::Waiting>>();
    socket->waiting_events->push_back(std::move(waiting));
    ++waiting_;
    apply_pressure();
}

void Client::run_waiting(const Shared& socket) {
    while (!socket->is_working && socket->waiting_events && !socket->waiting_events->empty()) {
        auto event = std::move(socket->waiting_events->front());
        socket->waiting_events->pop_front();
        --waiting_;
        run(socket, std::move(event));
    }
    apply_pressure();
}

// A client that sends faster than its events can be handled is read no further until they are.
void Client::apply_pressure() {
    bool full = waiting_ > hub_.limits.events_waiting_max;
    bool low = waiting_ <= hub_.limits.events_waiting_max / 2;
    if (!connection_ || (paused_ ? !low : !full)) return;
    paused_ = !paused_;
    connection_->pause(paused_);
}

void Client::run(const Shared& socket, SocketState::Waiting waiting) {
    auto& handlers = socket->space->state().definition->handlers;
    auto handler = handlers.find(waiting.event.name);
    if (handler == handlers.end()) return;
    Socket handle(socket);
    if (handler->second.task) {
        std::string name = waiting.event.name;
        return start(socket, std::move(name),
                     (*handler->second.task)(handle, std::move(waiting.event), std::move(waiting.ack)));
    }
    try {
        handler->second.plain(handle, waiting.event, waiting.ack);
    } catch (const std::exception& failure) {
        spdlog::error("realtime: {} failed: {}", core::quoted(waiting.event.name),
                      core::quoted(failure.what()));
    }
}

void Client::start(const Shared& socket, std::string name, boost::asio::awaitable<void> work) {
    socket->is_working = true;
    ++working_;
    auto done = [self = shared_from_this(), socket,
                 name = std::move(name)](const std::exception_ptr& failed) {
        try {
            if (failed) std::rethrow_exception(failed);
        } catch (const std::exception& failure) {
            spdlog::error("realtime: {} failed: {}", core::quoted(name), core::quoted(failure.what()));
        }
        --self->working_;
        socket->is_working = false;
        self->run_waiting(socket);
    };
    boost::asio::co_spawn(lane_.io(), std::move(work), std::move(done));
}

}  // namespace realtime
