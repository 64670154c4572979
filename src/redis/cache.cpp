#include "redis/cache.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"
#include "redis/line.hpp"

#include <poll.h>

#include <algorithm>
#include <deque>

namespace redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t orders_max = 4096;        // waiting to be sent: a burst, not a Redis that is too slow
constexpr std::size_t put_bytes_max = 4 << 20;  // of these: what is sent in some milliseconds
constexpr milliseconds write_within{20};        // a Redis that takes nothing for so long is away

}  // namespace

// A connection as long as it lasts. Redis answers in the order in which it was asked.
class Cache::Session {
public:
    explicit Session(Cache& of) : cache_(of), line_(of.address_) { line_.wait_at_most(write_within); }
    ~Session() {
        for (Owed& owed : owed_)
            owed.answer(Outcome::late, {});
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Waits until there is something to send or to take, and does it.
    void attend() {
        send();
        pollfd any[] = {{line_.socket(), POLLIN, 0}, {cache_.waker_.handle(), POLLIN, 0}};
        ::poll(any, std::size(any), owed_.empty() ? -1 : milliseconds_until(next_deadline()));
        cache_.waker_.settle();
        if (any[0].revents != 0) receive();
        check_time();
    }

private:
    struct Owed {
        Took took;  // null: nobody waits for it, or not any more
        steady_clock::time_point asked_at;
        steady_clock::time_point until;

        void answer(Outcome outcome, std::string value) {
            if (auto waiting = std::exchange(took, nullptr)) waiting(outcome, std::move(value));
        }
    };

    void send() {
        auto orders = cache_.take_orders();
        if (orders.empty()) return;
        const auto now = steady_clock::now();
        // Before anything can fail: who waits is answered in any case.
        std::ranges::partition(orders, &Order::is_get);
        for (Order& order : orders)
            owed_.push_back({std::move(order.took), now, order.until});
        for (const Order& order : orders)
            send(order);
        line_.flush();
    }

    void send(const Order& order) {
        if (order.is_get()) {
            const std::string_view get[] = {"GET", order.key};
            line_.send(get);
        } else {
            const std::string seconds = std::to_string(order.lives_for.count());
            const std::string_view set[] = {"SET", order.key, order.value, "EX", seconds};
            line_.send(set);
        }
    }

    void receive() {
        for (auto& value : line_.receive_values()) {
            if (owed_.empty()) throw Lost("it answers what nobody has asked");
            owed_.front().answer(value ? Outcome::found : Outcome::missing, std::move(value).value_or(""));
            owed_.pop_front();
        }
    }

    // Who has waited long enough goes on without; until it has caught up nobody else asks.
    void check_time() {
        const auto now = steady_clock::now();
        if (!owed_.empty() && now - owed_.front().asked_at > patience) throw Lost("it doesn't answer");
        bool is_behind = false;
        for (Owed& owed : owed_) {
            if (owed.until > now) continue;
            owed.answer(Outcome::late, {});
            is_behind = true;
        }
        cache_.up_ = !is_behind;
    }

    steady_clock::time_point next_deadline() const {
        auto next = owed_.front().asked_at + patience + milliseconds{1};
        for (const Owed& owed : owed_) {
            if (owed.took) next = std::min(next, owed.until);
        }
        return next;
    }

    Cache& cache_;
    Line line_;
    std::deque<Owed> owed_;
};

void Cache::start() {
    thread_ = std::thread([this] { serve(); });
}

void Cache::stop() {
    stopping_ = true;
    waker_.ring();
    if (thread_.joinable()) thread_.join();
}

void Cache::get(std::string key, Took took) {
    const auto until = steady_clock::now() + answer_within;
    {
        std::lock_guard lock(mutex_);
        if (up_ && orders_.size() < orders_max) {
            orders_.push_back({.key = std::move(key), .took = std::exchange(took, nullptr), .until = until});
        }
    }
    if (took) {
        took(Outcome::late, {});
    } else {
        waker_.ring();
    }
}

bool Cache::put(std::string key, std::string value, std::chrono::seconds lives_for) {
    const auto until = steady_clock::now() + answer_within;
    {
        std::lock_guard lock(mutex_);
        if (!up_ || orders_.size() >= orders_max || put_bytes_ + value.size() > put_bytes_max) return false;
        put_bytes_ += value.size();
        orders_.push_back(
            {.key = std::move(key), .value = std::move(value), .lives_for = lives_for, .until = until});
    }
    waker_.ring();
    return true;
}

// What is lost and comes back is told by redis.cpp, which sees the same.
void Cache::serve() {
    core::name_thread("redis-cache");
    milliseconds pause = retry_first;
    while (!stopping_) {
        try {
            talk();
        } catch (const Lost& lost) {
            if (up_.exchange(false)) pause = retry_first;
            spdlog::debug("redis: {} keeps no answers now: {}", address_.shown(), core::quoted(lost.what()));
        }
        refuse_orders();
        if (!stopping_) waker_.wait_for(pause);
        pause = std::min(pause * 2, retry_last);
    }
}

void Cache::talk() {
    Session session(*this);
    up_ = true;
    while (!stopping_)
        session.attend();
}

std::vector<Cache::Order> Cache::take_orders() {
    std::lock_guard lock(mutex_);
    put_bytes_ = 0;
    return std::exchange(orders_, {});
}

// Under the lock, so that none comes behind them.
void Cache::refuse_orders() {
    std::vector<Order> orders;
    {
        std::lock_guard lock(mutex_);
        up_ = false;
        put_bytes_ = 0;
        orders = std::exchange(orders_, {});
    }
    for (Order& order : orders) {
        if (order.took) order.took(Outcome::late, {});
    }
}

}  // namespace redis
