#include "redis/redis.hpp"

#include "core/log.hpp"
#include "core/thread.hpp"
#include "redis/line.hpp"

#include <poll.h>

namespace redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t messages_max =
    10'000;  // waiting to be published: a burst, not a Redis that is too slow
constexpr milliseconds ping_every{1000};

}  // namespace

// Two connections as long as both last.
class Redis::Session {
public:
    Session(Redis& of, const Address& address) : redis_(of), saying_(address), hearing_(address) {
        std::vector<std::string_view> subscribe{"PSUBSCRIBE"};
        subscribe.insert(subscribe.end(), of.channels_.begin(), of.channels_.end());
        hearing_.send(subscribe);
        hearing_.flush();
    }

    bool has_answered() const { return saying_answered_ && hearing_answered_; }

    // Waits until there is something to say or to hear, and does it.
    void attend() {
        say();
        ping();
        pollfd any[] = {{saying_.socket(), POLLIN, 0},
                        {hearing_.socket(), POLLIN, 0},
                        {redis_.waker_.handle(), POLLIN, 0}};
        ::poll(any, std::size(any), milliseconds_until(ping_at_));
        redis_.waker_.settle();
        if (any[0].revents != 0 && !saying_.receive().empty()) saying_answered_ = true;
        if (any[1].revents != 0) hear();
    }

private:
    void say() {
        const auto messages = redis_.take_messages();
        for (const auto& [channel, text] : messages) {
            const std::string_view publish[] = {"PUBLISH", channel, text};
            saying_.send(publish);
        }
        if (!messages.empty()) saying_.flush();
    }

    void hear() {
        const auto replies = hearing_.receive();
        if (!replies.empty()) hearing_answered_ = true;
        for (const Line::Reply& reply : replies) {
            // Besides, there are answers to PSUBSCRIBE and PING.
            if (reply.size() == 4 && reply[0] == "pmessage") redis_.hear_(reply[2], reply[3]);
        }
    }

    // Who stays silent from one ping to the next is gone, whatever TCP thinks of it.
    void ping() {
        const auto now = steady_clock::now();
        if (now < ping_at_) return;
        if (is_asked_ && !has_answered()) throw Lost("it has fallen silent");
        const std::string_view ping[] = {"PING"};
        for (Line* line : {&saying_, &hearing_}) {
            line->send(ping);
            line->flush();
        }
        is_asked_ = true;
        saying_answered_ = hearing_answered_ = false;
        ping_at_ = now + ping_every;
    }

    Redis& redis_;
    Line saying_;
    Line hearing_;
    bool is_asked_ = false;
    bool saying_answered_ = false;
    bool hearing_answered_ = false;
    steady_clock::time_point ping_at_{};
};

Redis::Redis(Address address, std::vector<std::string> channels, Hear hear)
    : address_(std::move(address)), channels_(std::move(channels)), hear_(std::move(hear)) {}

Redis::~Redis() {
    stop();
}

void Redis::start() {
    lost_at_ = steady_clock::now();
    thread_ = std::thread([this] { serve(); });
}

void Redis::stop() {
    stopping_ = true;
    waker_.ring();
    if (thread_.joinable()) thread_.join();
}

bool Redis::publish(std::string channel, std::string message) {
    if (!up_) return false;
    bool is_first = false;
    {
        std::lock_guard lock(mutex_);
        if (messages_.size() == messages_max) return false;
        is_first = messages_.empty();
        messages_.push_back({std::move(channel), std::move(message)});
    }
    if (is_first) waker_.ring();
    return true;
}

void Redis::serve() {
    core::name_thread("redis");
    milliseconds pause = retry_first;
    while (!stopping_) {
        try {
            talk();
        } catch (const Lost& lost) {
            if (up_.exchange(false)) pause = retry_first;
            note_loss(lost.what());
            take_messages();  // they would be told too late to be true
            rest(pause);
            pause = std::min(pause * 2, retry_last);
        }
    }
    up_ = false;
}

void Redis::talk() {
    Session session(*this, address_);
    while (!stopping_ && !session.has_answered())
        session.attend();
    note_return();
    up_ = true;
    while (!stopping_)
        session.attend();
}

// Once for each loss, however often it is tried again.
void Redis::note_loss(const std::string& why) {
    if (std::exchange(is_told_lost_, true)) return;
    ++losses_;
    lost_at_ = steady_clock::now();
    spdlog::warn("redis: {} is away: {}. The shop goes on without it", address_.shown(), core::quoted(why));
}

void Redis::note_return() {
    if (std::exchange(is_told_lost_, false)) {
        spdlog::info(
            "redis: {} is back after {} s", address_.shown(),
            std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - lost_at_).count());
    } else {
        spdlog::info("redis: connected to {}", address_.shown());
    }
}

std::vector<Redis::Message> Redis::take_messages() {
    std::lock_guard lock(mutex_);
    return std::exchange(messages_, {});
}

// A stop ends it.
void Redis::rest(milliseconds time) const {
    const auto until = steady_clock::now() + time;
    while (!stopping_ && steady_clock::now() < until)
        waker_.wait_for(milliseconds{milliseconds_until(until)});
}

}  // namespace redis
