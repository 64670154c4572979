// One I/O thread's share of an engine: the connections that live there, what other threads want done there,
// and what is to be written at the end of the turn. All but submit() and is_here() is that thread's own.
#pragma once

#include "realtime/limits.hpp"
#include "realtime/timers.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace realtime {

class Connection;
class WebSocket;

class Lane {
public:
    Lane(unsigned number, boost::asio::io_context& io, const Limits& limits);
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    unsigned number() const { return number_; }
    boost::asio::io_context& io() { return io_; }
    const Limits& limits() const { return limits_; }
    Timers& timers() { return timers_; }
    bool is_here() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

    // Work for this thread, in the order of submission; run at once if this is the thread. False once the
    // lane has stopped: then nothing happens.
    bool submit(std::function<void()> work);
    // A turn of the event loop of its own for `work`. False once the lane has stopped.
    bool post(std::function<void()> work);
    // What a request has to do here: at once if this is the thread, else in a turn of its own, in the order
    // in which its thread asks for it. What is in line may be done before or behind.
    bool enter(std::function<void()> work);
    // Only puts it in line; whoever is on this thread calls run_submitted().
    bool put_in_line(std::function<void()> work);
    void run_submitted();

    // A thread's connections read into one buffer: what is in it is used up before the next read.
    std::span<char> read_buffer() { return read_buffer_; }

    // At the end of this turn of the event loop: what several events have queued for one client goes out in
    // one system call.
    void flush_later(std::shared_ptr<Connection> connection);

    void add(std::shared_ptr<Connection> connection);
    void remove(const Connection& connection);
    std::shared_ptr<Connection> find(const std::string& id) const;
    std::size_t connection_count() const { return count_.load(std::memory_order_relaxed); }

    void add(WebSocket& websocket) { websockets_.insert(&websocket); }
    void remove(WebSocket& websocket) { websockets_.erase(&websocket); }

    bool is_stopping() const { return stopping_; }
    // Ends the connections: those with an event in work when it is done, all of them by `deadline`.
    void stop(TimePoint deadline);

private:
    void flush();
    void end_connections();

    unsigned number_;
    std::atomic<std::thread::id> thread_;  // known once it runs
    boost::asio::io_context& io_;
    const Limits& limits_;
    Timers timers_;

    std::mutex in_line_mutex_;
    std::vector<std::function<void()>> in_line_;  // guarded by in_line_mutex_
    bool closed_ = false;                         // guarded by in_line_mutex_
    bool running_ = false;

    std::vector<char> read_buffer_;
    std::vector<std::shared_ptr<Connection>> unflushed_;
    std::unordered_map<std::string, std::shared_ptr<Connection>> connections_;
    std::atomic<std::size_t> count_{0};
    std::unordered_set<WebSocket*> websockets_;

    bool stopping_ = false;
    TimePoint stop_deadline_;
    Timer stop_timer_;
};

}  // namespace realtime
