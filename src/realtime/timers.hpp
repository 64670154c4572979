// Many deadlines of one thread behind a single system timer: a connection costs a node in a set, not a timer.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <set>

namespace realtime {

using TimePoint = std::chrono::steady_clock::time_point;

class Timers;

// Calls `fire` once at the time that was set last. Belongs to one thread.
class Timer {
public:
    Timer(Timers& timers, std::function<void()> fire) : timers_(timers), fire_(std::move(fire)) {}
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void set(TimePoint at);
    void cancel();

private:
    friend class Timers;
    Timers& timers_;
    std::function<void()> fire_;
    TimePoint at_;
    bool is_set_ = false;
};

class Timers {
public:
    explicit Timers(boost::asio::io_context& io) : io_(io) {}

    // Nothing fires any more, and the thread isn't kept.
    void stop();

private:
    friend class Timer;
    void add(Timer& timer);
    void remove(Timer& timer);
    void wait();
    void fire_due();

    boost::asio::io_context& io_;
    std::optional<boost::asio::steady_timer> system_;  // while there is something to wait for
    std::set<std::pair<TimePoint, Timer*>> due_;
    TimePoint waits_for_ = TimePoint::max();
    bool stopped_ = false;
};

}  // namespace realtime
