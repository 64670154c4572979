#include "realtime/connection.hpp"

#include "realtime/engine_replies.hpp"

namespace realtime {
namespace {

TimePoint now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

Connection::Connection(Lane& lane, std::string id, Transport transport,
                       std::shared_ptr<const Opening> opening)
    : lane_(lane),
      id_(std::move(id)),
      opening_(std::move(opening)),
      session_(lane.limits(), transport, now()),
      timer_(lane.timers(), [this] { on_timer(); }) {
    timer_.set(session_.deadline());
}

std::string Connection::open_packet() const {
    const Limits& limits = lane_.limits();
    std::string text = R"(0{"sid":")" + id_ + R"(","upgrades":[)";
    if (session_.transport() == Transport::polling) text += R"("websocket")";
    text += "],\"pingInterval\":" + std::to_string(limits.ping_interval.count());
    text += ",\"pingTimeout\":" + std::to_string(limits.ping_timeout.count());
    text += ",\"maxPayload\":" + std::to_string(limits.payload_bytes_max) + "}";
    return text;
}

void Connection::send(const Packet& packet) {
    if (phase_ != Phase::open || dropped_) return;
    std::size_t unsent = websocket_ ? websocket_->unsent_bytes() : queue_.bytes();
    if (unsent > lane_.limits().unsent_bytes_max) return drop_slow_reader();
    if (websocket_) {
        websocket_->send(packet);
    } else {
        queue_.push(packet);
    }
    if (unflushed_ || phase_ != Phase::open) return;
    unflushed_ = true;
    lane_.flush_later(shared_from_this());
}

// A client that doesn't read is dropped, not buffered without end; in a turn of its own, as whoever sends may
// be walking over a room that it leaves.
void Connection::drop_slow_reader() {
    dropped_ = true;
    queue_.take();
    if (websocket_) websocket_->drop();
    lane_.post([self = shared_from_this()] { self->end(Reason::transport_close, Farewell::closed); });
}

bool Connection::is_writable() const {
    return phase_ == Phase::open && (websocket_ ? websocket_->is_writable() : poll_ != nullptr);
}

void Connection::flush() {
    unflushed_ = false;
    if (websocket_) {
        websocket_->flush();
    } else if (poll_ && !queue_.empty()) {
        answer_poll(waiting_as_payload());
    }
}

void Connection::pause(bool paused) {
    paused_ = paused;
    if (websocket_) websocket_->pause(paused);
    if (!paused && post_) answer_post(std::exchange(post_, nullptr), post_answer());
}

// --- polling -----------------------------------------------------------------

void Connection::poll(std::uint64_t request, GiveReply give) {
    if (phase_ == Phase::open) take_due_steps();  // this thread may be late: a session that has ended is over
    if (phase_ == Phase::leaving) {
        poll_ = std::move(give);
        return leave_by_polling(farewell_);
    }
    if (phase_ == Phase::over) return give(engine_error(EngineError::unknown_session));
    if (session_.transport() != Transport::polling) return give(engine_error(EngineError::bad_request));
    if (poll_) {
        end(Reason::transport_error, Farewell::closed);
        return give(engine_error(EngineError::bad_request));
    }
    poll_request_ = request;
    poll_ = std::move(give);
    if (!queue_.empty()) answer_poll(waiting_as_payload());
}

void Connection::poll_was_cancelled(std::uint64_t request) {
    if (!poll_ || request != poll_request_) return;
    answer_poll({});  // nobody reads it, but its request ends
    end(Reason::transport_error, Farewell::closed);
}

void Connection::begin_post(std::uint64_t request) {
    if (phase_ != Phase::open || session_.transport() != Transport::polling) return;
    if (post_request_ != 0) return end(Reason::transport_error, Farewell::closed);
    post_request_ = request;
}

void Connection::post_was_cancelled(std::uint64_t request) {
    bool polls = session_.transport() == Transport::polling;
    if (polls && request == post_request_) end(Reason::transport_error, Farewell::closed);
}

void Connection::answer_post(const GiveReply& give, http::Reply reply) {
    post_request_ = 0;  // before the client knows: its next one may begin on another thread
    give(std::move(reply));
}

void Connection::post(std::uint64_t request, std::string_view body, GiveReply give) {
    if (phase_ != Phase::open) return give(engine_error(EngineError::unknown_session));
    if (session_.transport() != Transport::polling) return give(engine_error(EngineError::bad_request));
    if (post_request_ != request) {
        end(Reason::transport_error, Farewell::closed);
        return give(engine_error(EngineError::bad_request));
    }
    if (body.size() > lane_.limits().payload_bytes_max) return answer_post(give, too_large_answer());
    auto self = shared_from_this();
    bool fits = parse_payload(body, [&](const EnginePacket& packet) {
        Action action = receive(packet);
        take_step(action);
        // What a client sends behind its own close doesn't count.
        return phase_ == Phase::open;
    });
    if (!fits) end(Reason::parse_error, Farewell::closed);
    if (!fits) return give(engine_error(EngineError::bad_request));
    if (paused_ && phase_ == Phase::open) {
        post_ = std::move(give);
    } else {
        answer_post(give, post_answer());
    }
}

void Connection::answer_poll(std::string body) {
    std::exchange(poll_, nullptr)(poll_answer(std::move(body)));
}

std::string Connection::waiting_as_payload() {
    std::string body;
    for (const Packet& packet : queue_.take()) {
        if (!body.empty()) body += packet_separator;
        packet->append_to_payload(body);
    }
    return body;
}

// --- WebSocket ---------------------------------------------------------------

void Connection::start_with(std::shared_ptr<WebSocket> websocket, std::string answer) {
    websocket_ = std::move(websocket);
    auto started = websocket_;  // early input may end everything
    started->start(*this, std::move(answer), make_packet(std::string_view(open_packet())));
}

void Connection::probe_with(const std::shared_ptr<WebSocket>& websocket, std::string answer) {
    bool welcome = phase_ == Phase::open && session_.begin_upgrade(now());
    if (welcome) probe_ = websocket;
    timer_.set(session_.deadline());
    websocket->start(*this, std::move(answer), nullptr);
    if (!welcome) websocket->close(close_code::none);
}

void Connection::websocket_received(WebSocket& websocket, bool binary, std::string_view data) {
    auto self = shared_from_this();
    EnginePacket packet{EnginePacket::Type::message, binary, data};
    if (!binary) {
        auto parsed = parse_packet(data);
        if (!parsed && &websocket == websocket_.get()) return end(Reason::parse_error, Farewell::closed);
        if (!parsed) return take_step({Step::drop_probe});
        packet = *parsed;
    }
    if (&websocket == websocket_.get()) return take_step(receive(packet));
    if (&websocket == probe_.get()) take_step(session_.receive_on_probe(packet, now()));
}

void Connection::websocket_closed(WebSocket& websocket, Reason reason) {
    auto self = shared_from_this();
    if (&websocket == probe_.get()) {
        probe_.reset();
        session_.probe_is_gone();
    } else if (&websocket == websocket_.get()) {
        websocket_.reset();
        end(reason, Farewell::closed);
    }
}

// --- steps -------------------------------------------------------------------

Action Connection::receive(const EnginePacket& packet) {
    Action action = session_.receive(packet, now());
    if (action.step != Step::deliver) return action;
    auto receiver = receiver_;  // may end the connection, and then itself
    packet.binary ? receiver->receive_binary(packet.data) : receiver->receive_text(packet.data);
    return {};
}

void Connection::take_step(Action action) {
    switch (action.step) {
        case Step::nothing:
        case Step::deliver: break;
        case Step::send_ping: send(make_packet(std::string_view("2"))); break;
        case Step::end_poll:
            if (poll_ && queue_.empty()) answer_poll("6");
            break;
        case Step::answer_probe:
            probe_->send(make_packet(std::string_view("3probe")));
            probe_->flush();
            break;
        case Step::switch_over: switch_over(); break;
        case Step::drop_probe:
            session_.probe_is_gone();
            if (probe_) std::exchange(probe_, nullptr)->close(close_code::none);
            break;
        case Step::close:
            // A client that closes itself gets its waiting GET back empty.
            end(action.reason, action.reason == Reason::transport_close ? Farewell::noop : Farewell::closed);
            break;
    }
    if (phase_ == Phase::open) timer_.set(session_.deadline());
}

// What waited for the next GET goes by the WebSocket, in its order.
void Connection::switch_over() {
    if (poll_) answer_poll("6");
    websocket_ = std::move(probe_);
    for (Packet& packet : queue_.take())
        websocket_->send(std::move(packet));
    websocket_->flush();
    if (websocket_ && paused_) websocket_->pause(true);
}

void Connection::on_timer() {
    auto self = shared_from_this();
    if (phase_ != Phase::open) {  // a polling client didn't come for its farewell
        phase_ = Phase::over;
        return lane_.remove(*this);
    }
    take_due_steps();
    if (phase_ == Phase::open) timer_.set(session_.deadline());
}

void Connection::take_due_steps() {
    while (phase_ == Phase::open) {
        Action action = session_.due(now());
        if (action.step == Step::nothing) return;
        take_step(action);
    }
}

void Connection::close(Reason reason) {
    end(reason, Farewell::closed);
}

void Connection::end(Reason reason, Farewell farewell) {
    if (phase_ != Phase::open) return;
    auto self = shared_from_this();
    phase_ = Phase::leaving;
    timer_.cancel();
    if (probe_) std::exchange(probe_, nullptr)->close(close_code::none);
    if (websocket_) {
        bool leaving = reason == Reason::server_shutting_down;
        std::exchange(websocket_, nullptr)->close(leaving ? close_code::going_away : close_code::none);
        phase_ = Phase::over;
    } else {
        bool server_ends = reason == Reason::forced_close || reason == Reason::server_namespace_disconnect ||
                           reason == Reason::server_shutting_down;
        farewell_ = farewell;
        if (poll_ || !server_ends) leave_by_polling(farewell);
    }
    if (post_) std::exchange(post_, nullptr)(engine_error(EngineError::unknown_session));
    if (phase_ == Phase::over) {
        lane_.remove(*this);
    } else {
        timer_.set(now() + lane_.limits().closing_timeout);
    }
    if (auto receiver = std::move(receiver_)) receiver->closed(reason);
}

void Connection::leave_by_polling(Farewell farewell) {
    phase_ = Phase::over;
    timer_.cancel();
    lane_.remove(*this);
    if (!poll_) return;
    std::string body = waiting_as_payload();
    if (!body.empty()) body += packet_separator;
    answer_poll(body + (farewell == Farewell::noop ? "6" : "1"));
}

}  // namespace realtime
