// Socket.IO over one connection: reads packets, joins namespaces, brings events to their handlers, one of a
// socket after the other.
#pragma once

#include "realtime/connection.hpp"
#include "realtime/hub_state.hpp"
#include "realtime/packet.hpp"
#include "realtime/socket_state.hpp"

namespace realtime {

class Client final : public Receiver, public std::enable_shared_from_this<Client> {
public:
    Client(Hub::State& hub, Connection& connection);

    void receive_text(std::string_view text) override;
    void receive_binary(std::string_view bytes) override;
    void closed(Reason reason) override;
    bool is_busy() const override { return working_ > 0; }

    void send(const Packets& packets, bool is_volatile = false);
    // The server ends a socket, or with `close` the connection.
    void disconnect(SocketState& socket, bool close);
    // Something a timer of the socket waits for has changed.
    void set_timer(SocketState& socket);

private:
    using Shared = std::shared_ptr<SocketState>;

    void receive(PacketReader::State state);
    Shared find(std::string_view namespace_name) const;
    void connect(IncomingPacket packet);
    std::expected<Shared, Refused> admitted(const std::shared_ptr<Namespace>& space,
                                            boost::json::object auth);
    Packets recover(SocketState& socket, const boost::json::object& auth);
    void refuse(std::string_view namespace_name, const Refused& refused);
    void join_own_rooms(SocketState& socket);
    void leave(const Shared& socket, Reason reason);
    void keep_for_recovery(SocketState& socket, Reason reason);

    void take_packet(const Shared& socket, IncomingPacket packet);
    void take_event(const Shared& socket, IncomingPacket packet);
    void take_answer(SocketState& socket, IncomingPacket packet);
    void run_waiting(const Shared& socket);
    void run(const Shared& socket, SocketState::Waiting event);
    void start(const Shared& socket, std::string name, boost::asio::awaitable<void> work);
    void apply_pressure();

    void refresh_token(SocketState& socket, const Event& event, const Ack& ack);
    void on_socket_timer(SocketState& socket);
    void check_token(SocketState& socket);

    Hub::State& hub_;
    Lane& lane_;
    Connection* connection_;  // null when it is over
    std::shared_ptr<const Opening> opening_;
    PacketReader reader_;
    std::vector<Shared> sockets_;
    std::size_t working_ = 0;
    std::size_t waiting_ = 0;
    bool paused_ = false;
    Timer connect_timer_;
};

}  // namespace realtime
