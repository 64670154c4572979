// Packets that wait for a client, oldest first, the first of them perhaps half sent.
#pragma once

#include "realtime/outgoing.hpp"

namespace realtime {

class OutQueue {
public:
    void push(Packet packet) {
        bytes_ += packet->size();
        packets_.push_back(std::move(packet));
    }
    bool empty() const { return first_ == packets_.size(); }
    std::size_t bytes() const { return bytes_; }

    // Takes everything.
    std::vector<Packet> take() {
        packets_.erase(packets_.begin(), packets_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = bytes_ = 0;
        return std::exchange(packets_, {});
    }

    // Calls `each(packet)` with as many as it takes: until it says false.
    template <class F>
    void visit(F each) const {
        for (std::size_t i = first_; i < packets_.size(); ++i) {
            if (!each(*packets_[i])) return;
        }
    }
    // The first one is sent.
    void pop() {
        bytes_ -= packets_[first_]->size();
        packets_[first_++].reset();
        if (first_ == packets_.size()) {
            packets_.clear();
            first_ = 0;
            if (packets_.capacity() > kept_capacity_max) packets_.shrink_to_fit();
        }
    }
    const Outgoing& front() const { return *packets_[first_]; }

private:
    static constexpr std::size_t kept_capacity_max = 8;  // an idle client's queue costs next to nothing

    std::vector<Packet> packets_;
    std::size_t first_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace realtime
