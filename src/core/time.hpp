// Instants and the clock that tells them. Everything stored or shown is UTC in milliseconds since 1970-01-01;
// deadlines inside the process use std::chrono::steady_clock and never this.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace core {

struct Time {
    std::int64_t ms = 0;

    friend auto operator<=>(Time, Time) = default;
    friend Time operator+(Time time, std::chrono::milliseconds span) { return {time.ms + span.count()}; }
    friend Time operator-(Time time, std::chrono::milliseconds span) { return {time.ms - span.count()}; }
    friend std::chrono::milliseconds operator-(Time a, Time b) {
        return std::chrono::milliseconds{a.ms - b.ms};
    }
};

// "2026-01-31T09:05:07.042Z" (RFC 3339 §5.6, always milliseconds, always Z).
std::string to_rfc3339(Time time);
void append_rfc3339(std::string& out, Time time);

// Reads any RFC 3339 date-time, with or without fraction, Z or a numeric offset. Empty if it isn't one.
std::optional<Time> from_rfc3339(std::string_view text);

// The wall clock, with a shift for tests that travel in time. Thread-safe.
class Clock {
public:
    Time now() const {
        auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() +
                shift_ms_.load()};
    }
    void advance(std::chrono::milliseconds span) { shift_ms_ += span.count(); }

private:
    std::atomic<std::int64_t> shift_ms_{0};
};

}  // namespace core
