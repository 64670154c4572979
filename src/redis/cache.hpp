// Values that lie in Redis for a while, on a connection and a thread of their own: large ones hold up no
// message of Redis (redis.hpp). Nobody waits for it: what is asked for is answered within `answer_within`, or
// is late; what is put may be lost. While it is away, or is late with an answer, it is asked nothing.
#pragma once

#include "redis/address.hpp"
#include "redis/waker.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace redis {

// Reading what was asked for from the database takes a millisecond: who waits longer than some loses.
inline constexpr std::chrono::milliseconds answer_within{5};

class Cache {
public:
    enum class Outcome { found, missing, late };
    using Took = std::function<void(Outcome outcome, std::string value)>;

    explicit Cache(Address address) : address_(std::move(address)) {}
    ~Cache() { stop(); }
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;

    void start();
    void stop();  // answers whatever was asked

    // It stands, and owes nobody an answer for longer than it may take.
    bool is_up() const { return up_; }

    // From any thread. `took` is called once, on the cache's thread or at once, and must be quick.
    void get(std::string key, Took took);
    // False: it isn't up, or too much waits to be put already.
    bool put(std::string key, std::string value, std::chrono::seconds lives_for);

private:
    class Session;
    struct Order {
        std::string key;
        std::string value;                 // to be put…
        std::chrono::seconds lives_for{};  // …for so long; 0: to be got…
        Took took;                         // …for this
        std::chrono::steady_clock::time_point until{};
        bool is_get() const { return lives_for.count() == 0; }
    };

    void serve();
    void talk();
    std::vector<Order> take_orders();
    void refuse_orders();

    const Address address_;
    Waker waker_;
    std::atomic<bool> up_{false};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;  // of the orders
    std::vector<Order> orders_;
    std::size_t put_bytes_ = 0;  // waiting among them
    std::thread thread_;
};

}  // namespace redis
