#include "realtime/lane.hpp"

#include "realtime/connection.hpp"
#include "realtime/websocket.hpp"

#include <boost/asio/post.hpp>

namespace realtime {
namespace {

constexpr std::size_t read_buffer_bytes = 64 * 1024;
constexpr milliseconds stop_interval{20};  // how often a stopping lane looks for connections that are done

}  // namespace

Lane::Lane(unsigned number, boost::asio::io_context& io, const Limits& limits)
    : number_(number),
      io_(io),
      limits_(limits),
      timers_(io),
      read_buffer_(read_buffer_bytes),
      stop_timer_(timers_, [this] { end_connections(); }) {
    boost::asio::post(io_, [this] { thread_ = std::this_thread::get_id(); });
}

bool Lane::put_in_line(std::function<void()> work) {
    bool first = false;
    {
        std::lock_guard lock(in_line_mutex_);
        if (closed_) return false;
        first = in_line_.empty();
        in_line_.push_back(std::move(work));
    }
    // Whoever comes first rings; what others add until the thread has heard it is done in one go.
    if (first) boost::asio::post(io_, [this] { run_submitted(); });
    return true;
}

bool Lane::post(std::function<void()> work) {
    std::lock_guard lock(in_line_mutex_);
    if (!closed_) boost::asio::post(io_, std::move(work));
    return !closed_;
}

bool Lane::enter(std::function<void()> work) {
    if (!is_here()) return post(std::move(work));
    work();
    return true;
}

bool Lane::submit(std::function<void()> work) {
    if (!put_in_line(std::move(work))) return false;
    if (is_here()) run_submitted();
    return true;
}

void Lane::run_submitted() {
    if (running_) return;  // called from within submitted work: the loop below gets to it
    running_ = true;
    for (;;) {
        std::vector<std::function<void()>> batch;
        {
            std::lock_guard lock(in_line_mutex_);
            batch.swap(in_line_);
        }
        if (batch.empty()) break;
        for (auto& work : batch)
            work();
    }
    running_ = false;
}

void Lane::flush_later(std::shared_ptr<Connection> connection) {
    if (unflushed_.empty()) boost::asio::post(io_, [this] { flush(); });
    unflushed_.push_back(std::move(connection));
}

void Lane::flush() {
    auto connections = std::exchange(unflushed_, {});
    for (auto& connection : connections)
        connection->flush();
    // The room is kept for the next turn unless a broadcast to very many grew it.
    constexpr std::size_t kept_max = 4096;
    connections.clear();
    if (unflushed_.empty() && connections.capacity() <= kept_max) unflushed_ = std::move(connections);
}

void Lane::add(std::shared_ptr<Connection> connection) {
    const std::string& id = connection->id();
    connections_.emplace(id, std::move(connection));
    count_.store(connections_.size(), std::memory_order_relaxed);
}

void Lane::remove(const Connection& connection) {
    connections_.erase(connection.id());
    count_.store(connections_.size(), std::memory_order_relaxed);
}

std::shared_ptr<Connection> Lane::find(const std::string& id) const {
    auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second;
}

void Lane::stop(TimePoint deadline) {
    stopping_ = true;
    stop_deadline_ = deadline;
    end_connections();
}

void Lane::end_connections() {
    auto now = std::chrono::steady_clock::now();
    bool late = now >= stop_deadline_;
    std::vector<std::shared_ptr<Connection>> done;
    for (auto& [id, connection] : connections_) {
        if (late || !connection->is_busy()) done.push_back(connection);
    }
    for (auto& connection : done)
        connection->close(Reason::server_shutting_down);
    if (late) {
        auto left = websockets_;
        for (WebSocket* websocket : left)
            websocket->drop();
    }
    if (!late && !(connections_.empty() && websockets_.empty())) {
        stop_timer_.set(std::min(now + stop_interval, stop_deadline_));
        return;
    }
    {
        std::lock_guard lock(in_line_mutex_);
        closed_ = true;
    }
    run_submitted();
    connections_.clear();
    count_ = 0;
    timers_.stop();
}

}  // namespace realtime
