#include "http/log_places.hpp"

namespace http {

void LogPlaces::end_look(Place heard) {
    settled_.store(looking_, std::memory_order_release);
    heard_.store(heard, std::memory_order_release);
}

// What is settled is read first: whatever was, stands among the logged changes that are read behind it.
bool LogPlaces::shows_all(Place stamp, std::string_view subject) const {
    const Changes::Stamp settled = settled_.load(std::memory_order_acquire);
    return !ended_.load(std::memory_order_acquire) && own_.at(own_.slot_of(subject)) <= settled &&
           stamp >= floor_.load(std::memory_order_acquire) &&
           stamp >= all_changed_.load(std::memory_order_acquire) &&
           stamp >= changed_[slot_of(subject)].load(std::memory_order_acquire);
}

}  // namespace http
