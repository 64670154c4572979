// A client's Engine.IO session, whatever it travels by: keeps what waits for it, takes the steps that
// engine_session.hpp says, and brings messages to its Receiver. Lives on one lane.
#pragma once

#include "realtime/engine_session.hpp"
#include "realtime/opening.hpp"
#include "realtime/out_queue.hpp"
#include "realtime/receiver.hpp"
#include "realtime/websocket.hpp"

namespace realtime {

// Gives an HTTP request its answer; from any thread, once.
using GiveReply = std::function<void(http::Reply)>;

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Lane& lane, std::string id, Transport transport, std::shared_ptr<const Opening> opening);

    const std::string& id() const { return id_; }
    Lane& lane() const { return lane_; }
    const std::shared_ptr<const Opening>& opening() const { return opening_; }
    // The `0{…}` that opens it.
    std::string open_packet() const;
    void carry(std::shared_ptr<Receiver> receiver) { receiver_ = std::move(receiver); }

    // Ends nothing, whatever happens: whoever sends may be walking over a room.
    void send(const Packet& packet);
    // True if what is sent now goes out now.
    bool is_writable() const;
    // Sends what waits, then ends the session.
    void close(Reason reason);
    bool is_busy() const { return receiver_ && receiver_->is_busy(); }
    // Takes no more from the client until told to.
    void pause(bool paused);
    void flush();

    // Polling. `request` tells one GET from the next.
    void poll(std::uint64_t request, GiveReply give);
    void poll_was_cancelled(std::uint64_t request);
    // The body of a POST begins to come; a second one at the same time ends the session.
    void begin_post(std::uint64_t request);
    void post(std::uint64_t request, std::string_view body, GiveReply give);
    void post_was_cancelled(std::uint64_t request);
    // A request that no client of this session would send.
    void refuse(Reason reason) { end(reason, Farewell::closed); }

    // The WebSocket that opened the session.
    void start_with(std::shared_ptr<WebSocket> websocket, std::string answer);
    // One that wants to take over from polling.
    void probe_with(const std::shared_ptr<WebSocket>& websocket, std::string answer);
    void websocket_received(WebSocket& websocket, bool binary, std::string_view data);
    void websocket_closed(WebSocket& websocket, Reason reason);

private:
    enum class Phase { open, leaving, over };  // leaving: over, but a polling client hasn't heard yet
    enum class Farewell { closed, noop };

    Action receive(const EnginePacket& packet);
    void take_step(Action action);
    void switch_over();
    void answer_poll(std::string body);
    void answer_post(const GiveReply& give, http::Reply reply);
    std::string waiting_as_payload();
    void end(Reason reason, Farewell farewell);
    void leave_by_polling(Farewell farewell);
    void on_timer();
    void take_due_steps();
    void drop_slow_reader();

    Lane& lane_;
    std::string id_;
    std::shared_ptr<const Opening> opening_;
    EngineSession session_;
    std::shared_ptr<Receiver> receiver_;
    Phase phase_ = Phase::open;
    Farewell farewell_ = Farewell::closed;
    bool unflushed_ = false;
    bool dropped_ = false;  // reads too slowly
    bool paused_ = false;

    OutQueue queue_;  // while polling
    std::uint64_t poll_request_ = 0;
    GiveReply poll_;                  // the GET that waits
    std::uint64_t post_request_ = 0;  // the POST that has begun and isn't answered
    GiveReply post_;                  // the one whose events wait
    std::shared_ptr<WebSocket> websocket_;
    std::shared_ptr<WebSocket> probe_;
    Timer timer_;
};

}  // namespace realtime
