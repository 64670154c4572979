// Wakes a thread that waits for its connections.
#pragma once

#include <chrono>

namespace redis {

class Waker {
public:
    Waker();
    ~Waker();
    Waker(const Waker&) = delete;
    Waker& operator=(const Waker&) = delete;

    int handle() const { return handle_; }  // readable once somebody has rung
    void ring() const;
    void settle() const;  // forgets that somebody has

    // Returns early if somebody rings.
    void wait_for(std::chrono::milliseconds time) const;

private:
    int handle_;  // an eventfd
};

// How long poll() is to wait, in milliseconds.
int milliseconds_until(std::chrono::steady_clock::time_point time);

}  // namespace redis
