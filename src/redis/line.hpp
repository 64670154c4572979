// A connection to Redis, by hiredis. It blocks, for `patience` at most, so it belongs on a thread of its own.
// Everything that goes wrong, on the line or in what comes over it, is a Lost: then it is of no more use.
#pragma once

#include "redis/address.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

struct redisContext;  // NOLINT(readability-identifier-naming): hiredis' name

namespace redis {

struct Lost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The longest wait for Redis: to be connected, to be written to, to be answered.
inline constexpr std::chrono::seconds patience{1};
// Between two tries to connect: Redis is asked for gently, and missed for no longer than that.
inline constexpr std::chrono::milliseconds retry_first{100};
inline constexpr std::chrono::milliseconds retry_last{1000};

class Line {
public:
    // Connects and signs in.
    explicit Line(const Address& address);

    int socket() const;

    // From here on nothing is waited for longer than this, where reading and writing would.
    void wait_at_most(std::chrono::milliseconds time);

    // Puts a command in line; flush() sends what is there.
    void send(std::span<const std::string_view> command);
    void flush();

    // What has arrived, once socket() is readable. A list comes as its texts, anything else that isn't an
    // error as nothing: what is asked here has no other answers worth reading. An error is a Lost.
    using Reply = std::vector<std::string>;
    std::vector<Reply> receive();
    // The same where values are asked for and put: a text, or nothing: there is none, or Redis refuses.
    std::vector<std::optional<std::string>> receive_values();

private:
    template <class Visit>
    void take_replies(Visit visit);
    void demand(std::initializer_list<std::string_view> command);
    [[noreturn]] void fail() const;

    struct Closed {
        void operator()(redisContext* context) const;
    };
    std::unique_ptr<redisContext, Closed> context_;
};

}  // namespace redis
