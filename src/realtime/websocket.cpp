#include "realtime/websocket.hpp"

#include "realtime/connection.hpp"

namespace realtime {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t gathered_max = 64;        // packets in one system call
constexpr std::size_t flush_bytes = 64 * 1024;  // queued within a turn: write some of it now

}  // namespace

WebSocket::WebSocket(Lane& lane, http::Handover handover, bool deflate)
    : lane_(lane),
      socket_(std::move(handover.socket)),
      place_(std::move(handover.place)),
      unread_(std::move(handover.unread)),
      reader_(lane.limits().payload_bytes_max, deflate),
      deflate_(deflate),
      closing_timer_(lane.timers(), [this] { drop(); }) {
    lane_.add(*this);
}

WebSocket::~WebSocket() {
    lane_.remove(*this);
}

void WebSocket::start(Connection& owner, std::string answer, Packet first) {
    owner_ = &owner;
    send(make_packet(Outgoing::Raw{std::move(answer)}));
    if (first) send(std::move(first));
    if (!unread_.empty()) {
        auto early = std::exchange(unread_, {});
        take(early);
    }
    flush();
    wait_for_input();
}

void WebSocket::pause(bool paused) {
    paused_ = paused;
    if (!paused) wait_for_input();
}

void WebSocket::wait_for_input() {
    bool wanted = phase_ != Phase::over && (!paused_ || phase_ != Phase::open);
    if (reading_ || !wanted) return;
    reading_ = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code failed) {
        self->reading_ = false;
        if (!failed && self->phase_ != Phase::over) self->read_input();
    });
}

void WebSocket::read_input() {
    auto room = lane_.read_buffer();
    error_code failed;
    std::size_t size = socket_.read_some(asio::buffer(room.data(), room.size()), failed);
    if (failed && failed != asio::error::would_block)
        return end(failed == asio::error::eof ? Reason::transport_close : Reason::transport_error);
    if (!failed && phase_ == Phase::open) {
        take(room.first(size));
    } else if (!failed && phase_ == Phase::closing) {
        take(room.first(size));  // the client's close frame is in there somewhere
    }
    wait_for_input();
}

void WebSocket::take(std::span<char> bytes) {
    while (phase_ == Phase::open || phase_ == Phase::closing) {
        auto item = reader_.next(bytes);
        if (item.kind == WebSocketReader::Item::Kind::nothing) return;
        take_item(item);
    }
}

void WebSocket::take_item(const WebSocketReader::Item& item) {
    using Kind = WebSocketReader::Item::Kind;
    bool open = phase_ == Phase::open;
    switch (item.kind) {
        case Kind::text:
        case Kind::binary:
            if (open && owner_) owner_->websocket_received(*this, item.kind == Kind::binary, item.payload);
            return;
        case Kind::ping:
            if (!open) return;
            send(make_packet(Outgoing::Raw{websocket_frame(Opcode::pong, item.payload)}));
            return flush();
        case Kind::close:
        case Kind::failed:
            peer_closed_ = true;  // or nothing more it says can be understood
            if (open) {
                begin_closing(item.code);
                auto reason = item.kind == Kind::failed ? Reason::transport_error : Reason::transport_close;
                if (auto* owner = std::exchange(owner_, nullptr)) owner->websocket_closed(*this, reason);
            }
            return flush();
        case Kind::pong:
        case Kind::nothing: return;
    }
}

void WebSocket::send(Packet packet) {
    if (phase_ != Phase::open) return;
    queue_.push(std::move(packet));
    if (queue_.bytes() > flush_bytes) write_queue();  // what fails here fails in flush() again
}

std::string_view WebSocket::bytes_of(const Outgoing& packet) const {
    bool compresses = deflate_ && !packet.is_raw() && packet.size() >= lane_.limits().deflate_bytes_min;
    return compresses ? packet.compressed_websocket() : packet.websocket();
}

std::size_t WebSocket::gather(std::span<asio::const_buffer> buffers) const {
    std::size_t count = 0;
    queue_.visit([&](const Outgoing& packet) {
        auto bytes = bytes_of(packet).substr(count == 0 ? sent_of_first_ : 0);
        buffers[count++] = asio::buffer(bytes);
        return count < buffers.size();
    });
    return count;
}

void WebSocket::remove_sent(std::size_t size) {
    sent_of_first_ += size;
    while (!queue_.empty() && sent_of_first_ >= bytes_of(queue_.front()).size()) {
        sent_of_first_ -= bytes_of(queue_.front()).size();
        queue_.pop();
    }
}

void WebSocket::flush() {
    if (phase_ == Phase::over) return;
    if (!write_queue()) return end(Reason::transport_error);
    if (queue_.empty()) after_flush();
}

// Writes what the socket takes now, and waits for it to take the rest. False if the connection is broken.
bool WebSocket::write_queue() {
    if (writing_ || phase_ == Phase::over) return true;
    std::array<asio::const_buffer, gathered_max> buffers;
    while (!queue_.empty()) {
        std::size_t count = gather(buffers);
        error_code failed;
        std::size_t sent = socket_.write_some(std::span(buffers).first(count), failed);
        if (failed == asio::error::would_block) {
            writing_ = true;
            socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code stopped) {
                self->writing_ = false;
                if (!stopped) self->flush();
            });
            return true;
        }
        if (failed) return false;
        remove_sent(sent);
    }
    return true;
}

// All is written: a close frame as well, if there was one.
void WebSocket::after_flush() {
    if (phase_ != Phase::closing || !peer_closed_) return;
    phase_ = Phase::ending;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);  // then read on to its end, lest it be reset
    wait_for_input();
}

void WebSocket::begin_closing(std::uint16_t code) {
    queue_.push(make_packet(Outgoing::Raw{websocket_close_frame(code)}));
    phase_ = Phase::closing;
    closing_timer_.set(std::chrono::steady_clock::now() + lane_.limits().closing_timeout);
}

void WebSocket::close(std::uint16_t code) {
    owner_ = nullptr;
    if (phase_ != Phase::open) return;
    begin_closing(code);
    flush();
    wait_for_input();
}

void WebSocket::drop() {
    owner_ = nullptr;
    end(Reason::forced_close);
}

void WebSocket::end(Reason reason) {
    if (phase_ == Phase::over) return;
    phase_ = Phase::over;
    auto self = shared_from_this();
    closing_timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    place_.reset();
    queue_.take();
    lane_.remove(*this);
    if (auto* owner = std::exchange(owner_, nullptr)) owner->websocket_closed(*this, reason);
}

}  // namespace realtime
