// One connection: reads requests, has them answered one after the other, writes the answers. Stays on its
// thread.
#pragma once

#include "http/access_log.hpp"
#include "http/exchange.hpp"
#include "http/request_reader.hpp"
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

    std::string next_request_id();
};

class Session {
public:
    Session(Socket socket, Desk& desk);
    ~Session();
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
    enum class Phase { idle, reading_head, reading_body, answering, writing, lingering };

    boost::asio::awaitable<bool> read_request();
    boost::asio::awaitable<bool> read_more();
    boost::asio::awaitable<void> answer_request();
    boost::asio::awaitable<void> refuse(unsigned status, const core::Error& error);
    void take_reply(Reply& reply, bool keep_alive);
    boost::asio::awaitable<bool> flush();
    boost::asio::awaitable<void> linger();
    void enter(Phase phase);
    void start_request();

    Socket socket_;
    Desk& desk_;
    RequestReader reader_;
    InputBuffer input_;
    Call call_;
    std::string request_id_;
    std::string ip_;

    std::string output_;                             // heads and small bodies, in order
    std::shared_ptr<const std::string> large_body_;  // sent behind output_ without a copy

    Phase phase_ = Phase::idle;
    Clock::time_point deadline_;
    Clock::time_point phase_began_;
    std::size_t body_bytes_read_ = 0;
    bool keep_alive_ = true;
    bool timed_out_ = false;
};

}  // namespace http
