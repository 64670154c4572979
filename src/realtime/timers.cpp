#include "realtime/timers.hpp"

namespace realtime {

void Timer::set(TimePoint at) {
    if (is_set_ && at == at_) return;
    cancel();
    at_ = at;
    timers_.add(*this);
}

void Timer::cancel() {
    if (is_set_) timers_.remove(*this);
}

void Timers::add(Timer& timer) {
    if (stopped_) return;
    timer.is_set_ = true;
    due_.emplace(timer.at_, &timer);
    wait();
}

void Timers::remove(Timer& timer) {
    due_.erase({timer.at_, &timer});
    timer.is_set_ = false;
}

// A deadline that was moved away leaves the system timer to fire for nothing once, which costs less than
// setting it anew for each packet.
void Timers::wait() {
    if (due_.empty() || due_.begin()->first >= waits_for_) return;
    waits_for_ = due_.begin()->first;
    if (!system_) system_.emplace(io_);
    system_->expires_at(waits_for_);
    system_->async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled && !stopped_) fire_due();
    });
}

void Timers::fire_due() {
    waits_for_ = TimePoint::max();
    auto now = std::chrono::steady_clock::now();
    while (!due_.empty() && due_.begin()->first <= now) {
        Timer& timer = *due_.begin()->second;
        remove(timer);
        auto fire = timer.fire_;  // what it does may end the timer and its owner
        fire();
    }
    wait();
}

void Timers::stop() {
    stopped_ = true;
    while (!due_.empty())
        remove(*due_.begin()->second);
    system_.reset();  // it must not outlive its io_context, which may end before us
}

}  // namespace realtime
