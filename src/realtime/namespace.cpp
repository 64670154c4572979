#include "realtime/client.hpp"
#include "realtime/hub_state.hpp"
#include "realtime/packet.hpp"
#include "realtime/socket_state.hpp"

namespace realtime {
namespace {

constexpr std::size_t lanes_max = 256;  // as the setting `threads` allows

Packets with_attachments(std::string_view text, const Attachments& attachments) {
    Packets packets;
    packets.reserve(1 + attachments.size());
    packets.push_back(make_packet(text));
    for (const Bytes& bytes : attachments)
        packets.push_back(make_packet(bytes));
    return packets;
}

}  // namespace

Packets encode_event(std::string_view namespace_name, std::string_view event, const Arguments& arguments,
                     std::optional<std::uint64_t> id, std::string_view offset) {
    std::string data = "[";
    core::write_json_string(data, event);
    if (!arguments.json.empty()) data.append(",").append(arguments.json);
    if (!offset.empty()) {
        data += ',';
        core::write_json_string(data, offset);
    }
    data += ']';
    const auto& attachments = arguments.attachments;
    auto type = attachments.empty() ? PacketType::event : PacketType::binary_event;
    return with_attachments(packet_text(type, namespace_name, id, data, attachments.size()), attachments);
}

Packets encode_ack(std::string_view namespace_name, std::uint64_t id, const Arguments& arguments) {
    const auto& attachments = arguments.attachments;
    auto type = attachments.empty() ? PacketType::ack : PacketType::binary_ack;
    std::string data = "[" + arguments.json + "]";
    return with_attachments(packet_text(type, namespace_name, id, data, attachments.size()), attachments);
}

Namespace::State::State(Namespace& of, std::shared_ptr<Definition> declared, const Limits& limits)
    : space(of), definition(std::move(declared)), recovery(limits), rooms_(lanes_max) {}

Rooms& Namespace::State::rooms(const Lane& lane) {
    auto& rooms = rooms_[lane.number()];
    if (!rooms) rooms = std::make_unique<Rooms>();
    return *rooms;
}

void Namespace::State::deliver(Target target, bool is_volatile, std::string_view event, Arguments arguments,
                               Lane* only) {
    if (recovery.is_on() && !is_volatile) {
        Target meant = target;
        recovery.log(
            std::move(meant), std::chrono::steady_clock::now(),
            [&](const std::string& offset) {
                return std::make_shared<const Packets>(
                    encode_event(space.name(), event, arguments, {}, offset));
            },
            [&](const std::shared_ptr<const Packets>& packets, std::uint64_t number) {
                hand_out(target, false, packets, number, only);
            });
    } else {
        auto packets = std::make_shared<const Packets>(encode_event(space.name(), event, arguments));
        hand_out(target, is_volatile, packets, 0, only);
    }
    run_here(only);
}

void Namespace::State::hand_out(const Target& target, bool is_volatile,
                                const std::shared_ptr<const Packets>& packets, std::uint64_t number,
                                Lane* only) {
    auto shared = std::make_shared<const Target>(target);
    auto keep = space.shared_from_this();  // one that a client asked for may end before the lanes get to it
    for (const auto& lane : space.hub().state().engine.lanes()) {
        if (only && only != lane.get()) continue;
        lane->put_in_line([this, keep, at = lane.get(), shared, is_volatile, packets, number] {
            rooms(*at).visit(*shared, [&](SocketState& socket) {
                bool missed = number > 0 && number <= socket.seen_up_to;  // sent when it came back
                if (!missed && socket.client) socket.client->send(*packets, is_volatile);
            });
        });
    }
}

void Namespace::State::run_here(Lane* only) {
    for (const auto& lane : space.hub().state().engine.lanes()) {
        if (lane->is_here() && (!only || only == lane.get())) lane->run_submitted();
    }
}

void Namespace::State::with_each(const Target& target, const std::function<void(SocketState&)>& work) {
    for (const auto& lane : space.hub().state().engine.lanes()) {
        lane->submit([this, keep = space.shared_from_this(), at = lane.get(), target, work] {
            std::vector<std::shared_ptr<SocketState>> meant;  // `work` may change rooms
            rooms(*at).visit(target,
                             [&](SocketState& socket) { meant.push_back(socket.shared_from_this()); });
            for (auto& socket : meant)
                work(*socket);
        });
    }
}

bool Namespace::State::enter(const core::UserId& user, std::size_t sockets_max) {
    std::size_t before = 0;
    {
        std::lock_guard lock(users_mutex);
        auto& count = sockets_of_user[user.str()];
        if (count >= sockets_max) return false;
        before = count++;
    }
    if (before == 0) {
        for (auto& listener : definition->on_presence)
            listener(user, true);
    }
    return true;
}

void Namespace::State::exit(const core::UserId& user) {
    {
        std::lock_guard lock(users_mutex);
        auto found = sockets_of_user.find(user.str());
        if (--found->second > 0) return;
        sockets_of_user.erase(found);
    }
    for (auto& listener : definition->on_presence)
        listener(user, false);
}

Namespace::Namespace(Hub& hub, std::string name)
    : hub_(hub),
      name_(std::move(name)),
      state_(std::make_unique<State>(*this, std::make_shared<Definition>(), hub.state().limits)) {}

Namespace::~Namespace() = default;

void Namespace::admit(Admit admit) {
    state_->definition->admit = std::move(admit);
}

void Namespace::on_connect(std::function<void(Socket&)> listener) {
    state_->definition->on_connect.push_back(std::move(listener));
}

void Namespace::greets(Greeting greeting) {
    state_->definition->greeting = std::move(greeting);
}

void Namespace::on_disconnect(std::function<void(Socket&, Reason)> listener) {
    state_->definition->on_disconnect.push_back(std::move(listener));
}

void Namespace::on_presence(std::function<void(const core::UserId&, bool)> listener) {
    state_->definition->on_presence.push_back(std::move(listener));
}

void Namespace::on(std::string event, OnEvent handler) {
    state_->definition->handlers[std::move(event)] = {std::move(handler), nullptr};
}

void Namespace::runs(std::string event, Task task) {
    state_->definition->handlers[std::move(event)] = {{}, std::make_shared<const Task>(std::move(task))};
}

bool Namespace::is_online(const core::UserId& user) const {
    std::lock_guard lock(state_->users_mutex);
    return state_->sockets_of_user.contains(user.str());
}

std::size_t Namespace::socket_count() const {
    return state_->sockets;
}

Broadcast& Broadcast::to(std::string room) {
    rooms_.push_back(std::move(room));
    return *this;
}

Broadcast& Broadcast::except(std::string room) {
    except_.push_back(std::move(room));
    return *this;
}

void Broadcast::send(std::string_view event, Arguments arguments) const {
    const auto& tell_others = space_.hub().state().tell_others;
    if (on_all_nodes_ && tell_others)
        tell_others({space_.name(), {rooms_, except_}, volatile_, std::string(event), arguments});
    space_.state().deliver({rooms_, except_}, volatile_, event, std::move(arguments));
}

void Broadcast::disconnect(bool close) const {
    space_.state().with_each({rooms_, except_}, [close](SocketState& socket) {
        if (socket.client) socket.client->disconnect(socket, close);
    });
}

void Broadcast::join(std::vector<std::string> rooms) const {
    space_.state().with_each({rooms_, except_}, [rooms = std::move(rooms)](SocketState& state) {
        const Socket socket(state.shared_from_this());
        for (const std::string& room : rooms)
            socket.join(room);
    });
}

void Broadcast::leave(std::vector<std::string> rooms) const {
    space_.state().with_each({rooms_, except_}, [rooms = std::move(rooms)](SocketState& state) {
        const Socket socket(state.shared_from_this());
        for (const std::string& room : rooms)
            socket.leave(room);
    });
}

}  // namespace realtime
