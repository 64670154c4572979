// A WebSocket on its socket: reads into the thread's buffer, writes many packets with one system call, closes
// as RFC 6455 §7 wants it. The thin side of websocket_reader.hpp.
#pragma once

#include "realtime/lane.hpp"
#include "realtime/out_queue.hpp"
#include "realtime/reason.hpp"
#include "realtime/websocket_reader.hpp"

#include "http/gateway.hpp"

namespace realtime {

class WebSocket : public std::enable_shared_from_this<WebSocket> {
public:
    // The socket must be of the lane's io_context.
    WebSocket(Lane& lane, http::Handover handover, bool deflate);
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    // Answers the handshake with `answer`, sends `first` if there is one, then tells `owner` what comes until
    // close() or its end.
    void start(Connection& owner, std::string answer, Packet first);

    // Ends nothing, whatever happens: whoever sends may be walking over a room.
    void send(Packet packet);
    void flush();
    bool is_writable() const { return !writing_; }
    std::size_t unsent_bytes() const { return queue_.bytes(); }

    // Reads no further until told to: what a client sends then waits on its side.
    void pause(bool paused);

    // Sends what is queued and a close frame, waits a while for the client's.
    void close(std::uint16_t code);
    // At once.
    void drop();

private:
    enum class Phase { open, closing, ending, over };

    void wait_for_input();
    void read_input();
    void take(std::span<char> bytes);
    void take_item(const WebSocketReader::Item& item);
    void end(Reason reason);
    void begin_closing(std::uint16_t code);
    std::size_t gather(std::span<boost::asio::const_buffer> buffers) const;
    std::string_view bytes_of(const Outgoing& packet) const;
    void remove_sent(std::size_t size);
    bool write_queue();
    void after_flush();

    Lane& lane_;
    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<void> place_;
    std::string unread_;
    WebSocketReader reader_;
    Connection* owner_ = nullptr;
    OutQueue queue_;
    std::size_t sent_of_first_ = 0;
    Phase phase_ = Phase::open;
    bool deflate_;
    bool reading_ = false;
    bool writing_ = false;
    bool paused_ = false;
    bool peer_closed_ = false;
    Timer closing_timer_;
};

}  // namespace realtime
