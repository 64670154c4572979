// One connection: reads requests, has them answered one after the other, writes the answers. Stays on its
// thread.
#pragma once

#include "http/access_log.hpp"
#include "http/exchange.hpp"
#include "http/request_reader.hpp"
#include "http/upload.hpp"
#include "http/wire.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace http {

using Socket = boost::asio::ip::tcp::socket;
using Clock = std::chrono::steady_clock;

// What the connections of one I/O thread share.
struct Desk {
    Shop& shop;
    Exchange& exchange;
    AccessLog& access_log;
    DateText date;
    std::string request_id_prefix;  // unique to the thread and this start of the program
    std::uint64_t request_count = 0;
    bool stopping = false;  // finish what was begun, then close
    unsigned thread = 0;    // the server's number of it

    std::string next_request_id();
};

class Session {
public:
    // `place`: what counts this connection, for as long as it is held.
    Session(Socket socket, Desk& desk, std::shared_ptr<void> place);
    ~Session() { stop_watching(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    boost::asio::awaitable<void> run();

    // Called at least once a second: ends what has run out of time.
    void check_deadline(Clock::time_point now);
    // The server stops: a connection between requests ends soon, another one behind its answer.
    void stop_when_idle();
    // Ends it whatever it does.
    void close();

private:
    friend class Visit;
    enum class Phase { idle, reading_head, reading_body, answering, writing, lingering };

    boost::asio::awaitable<bool> read_request();
    boost::asio::awaitable<bool> read_more();
    std::uint64_t upload_max(const Request& request);
    boost::asio::awaitable<bool> store_upload(bool is_whole);
    boost::asio::awaitable<void> answer_request();
    boost::asio::awaitable<void> answer_from(const Gateway& gateway, Reply& reply);
    void log_answer(const Reply& reply, std::size_t bytes, Clock::time_point began);
    void watch_for_end(std::function<void()> gone);
    void stop_watching();
    boost::asio::awaitable<void> refuse(unsigned status, const core::Error& error);
    void take_reply(Reply& reply, bool keep_alive);
    boost::asio::awaitable<std::size_t> send_parts(Parts& parts);
    boost::asio::awaitable<bool> flush();
    boost::asio::awaitable<void> linger();
    void enter(Phase phase);
    void start_request();

    // A client that may leave while its answer is being waited for. Shared with the wait for its socket.
    struct Watch {
        std::function<void()> gone;
        bool over = false;
    };

    Socket socket_;
    Desk& desk_;
    std::shared_ptr<void> place_;
    std::shared_ptr<Watch> watch_;
    std::shared_ptr<void> begun_;  // what a gateway holds for a request of its own
    RequestReader reader_;
    InputBuffer input_;
    Call call_;
    std::string request_id_;
    boost::asio::ip::address peer_;
    std::string ip_;  // of who makes the request: the peer, or who stands behind a trusted proxy

    std::string output_;                             // heads and small bodies, in order
    std::shared_ptr<const std::string> large_body_;  // sent behind output_ without a copy

    std::shared_ptr<Upload> upload_;
    std::string upload_bytes_;                   // not written yet
    std::optional<core::Error> upload_refused_;  // why this upload is held to the limit of other bodies

    Phase phase_ = Phase::idle;
    Clock::time_point deadline_;
    Clock::time_point phase_began_;
    std::size_t body_bytes_read_ = 0;
    bool keep_alive_ = true;
    bool timed_out_ = false;
    bool handed_over_ = false;
    bool by_gateway_ = false;  // the request that is being answered
};

}  // namespace http
