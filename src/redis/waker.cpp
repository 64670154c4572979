#include "redis/waker.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace redis {

Waker::Waker() : handle_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (handle_ < 0) throw std::runtime_error("redis: the system has no more file descriptors");
}

Waker::~Waker() {
    ::close(handle_);
}

void Waker::ring() const {
    [[maybe_unused]] auto rung = ::eventfd_write(handle_, 1);  // fails if it has been rung 2^64 times
}

void Waker::settle() const {
    eventfd_t rung = 0;
    ::eventfd_read(handle_, &rung);
}

void Waker::wait_for(std::chrono::milliseconds time) const {
    pollfd bell{handle_, POLLIN, 0};
    ::poll(&bell, 1, static_cast<int>(time.count()));
    settle();
}

int milliseconds_until(std::chrono::steady_clock::time_point time) {
    using std::chrono::milliseconds;
    auto left = std::chrono::ceil<milliseconds>(time - std::chrono::steady_clock::now());
    return static_cast<int>(std::max(left, milliseconds{0}).count());
}

}  // namespace redis
