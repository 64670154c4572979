// The front door to Redis: messages published on channels, and heard from them. It has a thread of its own
// with a connection for what it says and one for what it hears, which come back by themselves; nobody who
// calls this ever waits for Redis. What is published while it is away, or on its way when it goes, is lost.
#pragma once

#include "redis/address.hpp"
#include "redis/waker.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace redis {

class Line;

class Redis {
public:
    // Called on Redis' thread with whatever anybody has published: must be quick, must not throw, and must
    // expect anything.
    using Hear = std::function<void(std::string_view channel, std::string_view message)>;

    // `channels`: patterns as PSUBSCRIBE takes them. Connects once it is started.
    Redis(Address address, std::vector<std::string> channels, Hear hear);
    ~Redis();
    Redis(const Redis&) = delete;
    Redis& operator=(const Redis&) = delete;

    void start();
    void stop();  // when it returns, nothing is heard any more

    // Both connections stand. It takes two seconds to see that a Redis has fallen silent.
    bool is_up() const { return up_; }

    // From any thread. False if it isn't up, or too much waits to be said already.
    bool publish(std::string channel, std::string message);

    // How often it was lost, for metrics.
    std::uint64_t losses() const { return losses_; }

private:
    class Session;
    struct Message {
        std::string channel;
        std::string text;
    };

    void serve();
    void talk();
    void note_loss(const std::string& why);
    void note_return();
    std::vector<Message> take_messages();
    void rest(std::chrono::milliseconds time) const;

    const Address address_;
    const std::vector<std::string> channels_;
    const Hear hear_;
    Waker waker_;
    std::atomic<bool> up_{false};
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> losses_{0};
    std::mutex mutex_;  // of the messages
    std::vector<Message> messages_;
    std::chrono::steady_clock::time_point lost_at_{};
    bool is_told_lost_ = false;
    std::thread thread_;
};

}  // namespace redis
