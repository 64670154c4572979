#include "http/session.hpp"

#include "http/problem.hpp"

#include "core/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t read_bytes = 8 * 1024;
constexpr std::size_t upload_step_bytes = 256 * 1024;  // written to disk at once
constexpr std::size_t copied_body_max = 16 * 1024;     // a larger body is worth a gather write
// Read and dropped, so that a refusal isn't lost to a reset: a photo that is too large, and then some.
constexpr std::size_t linger_bytes_max = 24 * 1024 * 1024;
constexpr seconds linger_timeout{2};
constexpr milliseconds last_call{300};  // for requests that are on their way when the server stops
constexpr seconds rate_grace{5};        // before the least body rate counts
constexpr std::size_t request_id_length_max = 64;
constexpr std::size_t user_agent_length_max = 200;

// A caller's own request id is kept if it can't break a log line or a header.
bool is_sane_request_id(std::string_view id) {
    auto is_word = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_' || c == '.';
    };
    return !id.empty() && id.size() <= request_id_length_max && std::ranges::all_of(id, is_word);
}

}  // namespace

std::string Desk::next_request_id() {
    char digits[16];
    auto end = std::to_chars(digits, digits + sizeof digits, ++request_count, 36).ptr;
    return request_id_prefix + std::string(digits, end);
}

Session::Session(Socket socket, Desk& desk, std::shared_ptr<void> place)
    : socket_(std::move(socket)),
      desk_(desk),
      place_(std::move(place)),
      reader_(desk.shop.limits, [this](const Request& request) { return upload_max(request); }) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    peer_ = socket_.remote_endpoint(ignored).address();
    ip_ = peer_.to_string();
    enter(Phase::idle);
}

void Session::enter(Phase phase) {
    const Limits& limits = desk_.shop.limits;
    phase_ = phase;
    phase_began_ = Clock::now();
    switch (phase) {
        case Phase::idle: deadline_ = phase_began_ + limits.idle_timeout; break;
        case Phase::reading_head: deadline_ = phase_began_ + limits.header_timeout; break;
        case Phase::reading_body:
            deadline_ = phase_began_ + (reader_.in_upload() ? limits.upload_timeout : limits.body_timeout);
            break;
        case Phase::answering: deadline_ = Clock::time_point::max(); break;
        case Phase::writing: deadline_ = phase_began_ + limits.write_timeout; break;
        case Phase::lingering: deadline_ = phase_began_ + linger_timeout; break;
    }
}

void Session::check_deadline(Clock::time_point now) {
    bool late = now >= deadline_;
    if (phase_ == Phase::reading_body && now - phase_began_ > rate_grace) {
        auto whole_seconds = std::chrono::duration_cast<seconds>(now - phase_began_).count();
        late = late || body_bytes_read_ < desk_.shop.limits.body_bytes_per_second_min *
                                              static_cast<std::size_t>(whole_seconds);
    }
    if (!late) return;
    timed_out_ = phase_ == Phase::reading_head || phase_ == Phase::reading_body;
    error_code ignored;
    if (timed_out_) {
        socket_.cancel(ignored);
    } else {
        close();
    }
}

void Session::stop_when_idle() {
    if (phase_ == Phase::idle) deadline_ = std::min(deadline_, Clock::now() + last_call);
}

void Session::close() {
    error_code ignored;
    socket_.close(ignored);
}

asio::awaitable<void> Session::run() {
    while (socket_.is_open()) {
        bool ready = co_await read_request();
        if (!ready) break;
        co_await answer_request();
        if (!keep_alive_) break;
    }
    if (handed_over_) co_return;
    if (socket_.is_open() && (!output_.empty() || large_body_)) co_await flush();
    if (socket_.is_open()) co_await linger();
    close();
}

// True when the next request is whole. Writes what is due before it waits for more bytes.
asio::awaitable<bool> Session::read_request() {
    for (;;) {
        auto state = reader_.next(input_, call_.request);
        if (reader_.in_upload() && state != RequestReader::State::refused) {
            bool stored = co_await store_upload(state == RequestReader::State::ready);
            if (!stored) co_return false;
        }
        if (state == RequestReader::State::ready) co_return true;
        if (state == RequestReader::State::refused && upload_refused_) {
            co_await refuse(status_of(upload_refused_->code), *upload_refused_);
            co_return false;
        }
        if (state == RequestReader::State::refused) {
            const Refused& refusal = reader_.refusal();
            co_await refuse(refusal.status, core::Error{refusal.code, std::string(refusal.detail), {}, {}});
            co_return false;
        }
        if (!output_.empty() || large_body_) {
            bool flushed = co_await flush();
            if (!flushed) co_return false;
        }
        if (reader_.take_continue()) output_ = "HTTP/1.1 100 Continue\r\n\r\n";
        if (!output_.empty()) {
            bool flushed = co_await flush();
            if (!flushed) co_return false;
        }
        Phase phase = state == RequestReader::State::idle      ? Phase::idle
                      : state == RequestReader::State::in_head ? Phase::reading_head
                                                               : Phase::reading_body;
        if (phase != phase_) {
            enter(phase);
            body_bytes_read_ = 0;
        }
        bool more = co_await read_more();
        if (!more) co_return false;
    }
}

// How large a file the endpoint takes, if it takes one and from this caller.
std::uint64_t Session::upload_max(const Request& request) {
    upload_refused_.reset();
    if (const Gateway* gateway = find_gateway(desk_.shop.gateways, request.path)) {
        if (gateway->begin) begun_ = gateway->begin(desk_.thread, request);
        return 0;
    }
    call_.request.arrived = desk_.shop.clock.now();
    auto allowed = desk_.exchange.upload_max(call_, request);
    if (allowed) return *allowed;
    upload_refused_ = std::move(allowed.error());
    return 0;
}

// Writes what has arrived of the upload, in steps that are worth a visit to the pool.
asio::awaitable<bool> Session::store_upload(bool is_whole) {
    reader_.drain(input_, upload_bytes_);
    call_.request.body = {};  // its bytes have left the buffer
    call_.request.upload = nullptr;
    if (!is_whole && upload_bytes_.size() < upload_step_bytes) co_return true;
    const UploadPlace& place = desk_.shop.uploads;
    auto write = [&] {
        if (!upload_) upload_ = std::make_shared<Upload>(place.folder);
        upload_->append(upload_bytes_);
        return true;
    };
    std::string failed;
    core::Result<bool> written;
    try {
        written = co_await place.files->run(write);
    } catch (const std::exception& failure) {
        failed = failure.what();
    }
    upload_bytes_.clear();
    if (failed.empty() && written) {
        if (is_whole) call_.request.upload = std::exchange(upload_, nullptr);
        co_return true;
    }
    upload_.reset();
    if (!failed.empty()) spdlog::error("http: {}", core::quoted(failed));
    co_await refuse(503, core::Error{core::ErrorCode::overloaded,
                                     "There is no room for an upload right now. Try again later.",
                                     {},
                                     {}});
    co_return false;
}

asio::awaitable<bool> Session::read_more() {
    auto room = input_.prepare(read_bytes);
    error_code failed;
    std::size_t size = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                        asio::redirect_error(asio::use_awaitable, failed));
    if (failed && timed_out_) {
        timed_out_ = false;
        co_await refuse(
            408,
            core::Error{core::ErrorCode::request_timeout, "The request took too long to arrive.", {}, {}});
        co_return false;
    }
    if (failed) {
        if (failed != asio::error::eof) close();
        co_return false;
    }
    input_.commit(size);
    body_bytes_read_ += size;
    co_return true;
}

void Session::start_request() {
    Request& request = call_.request;
    request.arrived = desk_.shop.clock.now();
    std::string_view own = request.header("x-request-id");
    request_id_ = is_sane_request_id(own) ? std::string(own) : desk_.next_request_id();
    request.request_id = request_id_;
    if (const auto& proxies = desk_.shop.proxies; !proxies.empty()) ip_ = proxies.client_of(peer_, request);
    request.ip = ip_;
    call_.caller.ip = ip_;
    call_.caller.request_id = request_id_;
    call_.caller.user_agent = request.header("user-agent").substr(0, user_agent_length_max);
}

asio::awaitable<void> Session::answer_request() {
    auto began = Clock::now();
    start_request();
    enter(Phase::answering);
    Reply awaited;
    Reply* reply = &awaited;
    const Gateway* gateway = find_gateway(desk_.shop.gateways, call_.request.path);
    by_gateway_ = gateway != nullptr;
    if (by_gateway_) {
        co_await answer_from(*gateway, awaited);
    } else if (reply = desk_.exchange.answer_now(call_); !reply) {
        awaited = co_await desk_.exchange.answer(call_);
        reply = &awaited;
    }
    if (handed_over_) {
        log_answer(*reply, 0, began);
        keep_alive_ = false;
        co_return;
    }
    keep_alive_ = call_.request.keep_alive && !desk_.stopping;
    take_reply(*reply, keep_alive_);
    std::size_t bytes = large_body_ ? large_body_->size() : reply->body ? reply->body->size() : 0;
    if (reply->parts) bytes = co_await send_parts(*reply->parts);
    log_answer(*reply, bytes, began);
    call_.request.upload = nullptr;
    reader_.finish(input_);
    // A pipelining client must read before more of its requests are begun.
    bool full = output_.size() >= desk_.shop.limits.output_bytes_max || large_body_;
    if (full || input_.size() == 0) co_await flush();
}

void Session::log_answer(const Reply& reply, std::size_t bytes, Clock::time_point began) {
    auto took = Clock::now() - began;
    auto& metrics = desk_.shop.metrics;
    if (by_gateway_) {
        metrics.count_gateway(reply.status);
    } else {
        metrics.count(call_.match.operation, reply.status, std::chrono::duration<double>(took).count());
    }
    desk_.access_log.add(call_, reply.status, bytes, took);
}

asio::awaitable<void> Session::answer_from(const Gateway& gateway, Reply& reply) {
    call_.match = {};
    call_.caller.user.reset();
    if (desk_.shop.cors.is_preflight(call_.request)) {
        reply = desk_.shop.cors.preflight(call_.request, {Method::get, Method::post});
        co_return;
    }
    Visit visit(*this, std::exchange(begun_, nullptr));
    std::string failed;
    try {
        reply = co_await gateway.serve(desk_.thread, call_.request, visit);
    } catch (const std::exception& failure) {
        failed = failure.what();
    }
    stop_watching();
    if (failed.empty()) co_return;
    spdlog::error("{} failed: {} request_id={}", gateway.path, core::quoted(failed), request_id_);
    reply = problem({core::ErrorCode::internal, "", {}, {}}, request_id_);
}

void Visit::when_gone(std::function<void()> gone) {
    session_.watch_for_end(std::move(gone));
}

Handover Visit::take() {
    auto unread = session_.input_.bytes().subspan(session_.reader_.request_size());
    session_.handed_over_ = true;
    session_.stop_watching();
    return {std::move(session_.socket_), std::string(unread.begin(), unread.end()),
            std::move(session_.place_)};
}

// Waits until the socket is readable: an end or an error means that the client has left; bytes are its next
// request, and then nobody can tell any more whether it waits for this answer.
void Session::watch_for_end(std::function<void()> gone) {
    stop_watching();
    watch_ = std::make_shared<Watch>(std::move(gone));
    socket_.async_wait(Socket::wait_read, [this, watch = watch_](error_code failed) {
        if (watch->over) return;
        char next;
        if (!failed) {
            socket_.receive(asio::buffer(&next, 1), Socket::message_peek, failed);
            if (!failed || failed == asio::error::would_block) return;
        }
        watch->over = true;
        watch->gone();
    });
}

void Session::stop_watching() {
    if (!watch_) return;
    bool waiting = !std::exchange(watch_->over, true);
    watch_.reset();
    error_code ignored;
    if (waiting) socket_.cancel(ignored);
}

void Session::take_reply(Reply& reply, bool keep_alive) {
    Outgoing outgoing = negotiate(call_.request, reply, desk_.shop.limits.gzip_bytes_min);
    outgoing.keep_alive = keep_alive;
    write_head(output_, call_.request, reply, outgoing, desk_.shop.cors,
               desk_.date.at(call_.request.arrived));
    if (!outgoing.body) return;
    if (outgoing.body->size() > copied_body_max) {
        large_body_ = std::move(outgoing.body);
    } else {
        output_ += *outgoing.body;
    }
}

// An answer to something that never became a request. The connection ends behind it.
asio::awaitable<void> Session::refuse(unsigned status, const core::Error& error) {
    keep_alive_ = false;
    call_.match = {};
    call_.caller.user.reset();
    reader_.read_head_again(input_, call_.request);
    start_request();
    Reply reply = problem(status, error, request_id_);
    take_reply(reply, false);
    desk_.shop.metrics.count(nullptr, status, 0);
    desk_.access_log.add(call_, status, reply.body->size(), {});
    co_await flush();
}

asio::awaitable<bool> Session::flush() {
    std::array<asio::const_buffer, 2> parts{asio::buffer(output_),
                                            large_body_ ? asio::buffer(*large_body_) : asio::const_buffer()};
    std::size_t due = asio::buffer_size(parts);
    error_code failed;
    // Nearly every answer fits the socket's buffer: then there is nothing to wait for.
    std::size_t sent = socket_.write_some(parts, failed);
    if (failed == asio::error::would_block) failed = {};
    if (!failed && sent < due) {
        enter(Phase::writing);
        if (sent < parts[0].size()) {
            parts[0] += sent;
        } else {
            parts[1] += sent - parts[0].size();
            parts[0] = {};
        }
        co_await asio::async_write(socket_, parts, asio::redirect_error(asio::use_awaitable, failed));
    }
    output_.clear();
    large_body_.reset();
    if (failed) close();
    co_return !failed;
}

// Tells the client that no more comes, and drops what it still sends: closing with unread bytes would make
// the kernel reset the connection, and the client might never see its answer (RFC 9112 §9.6).
asio::awaitable<void> Session::linger() {
    error_code failed;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, failed);
    enter(Phase::lingering);
    std::size_t dropped = 0;
    while (!failed && dropped < linger_bytes_max) {
        auto room = input_.prepare(read_bytes);
        dropped += co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                    asio::redirect_error(asio::use_awaitable, failed));
    }
}

}  // namespace http
