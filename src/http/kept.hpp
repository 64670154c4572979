// Ready answers: hot reads kept as encoded bytes until something they show changes. A change is announced by
// subject after its commit and before its writer hears of it, so a read behind an acknowledged write never
// sees the old bytes.
#pragma once

#include "http/message.hpp"

#include <array>
#include <atomic>
#include <limits>
#include <list>
#include <string>
#include <unordered_map>

namespace http {

// When each subject last changed, as the number of the change, by the hash of its name: two subjects that
// share a slot only cost a needless re-read. Shared by all threads.
class Changes {
public:
    using Stamp = std::uint64_t;

    void announce(std::string_view subject) { raise(slots_[slot_of(subject)], next()); }
    // For a change that answers of any subject may show: a category's name stands in every product of it.
    void announce_all() {
        Stamp change = next();
        for (auto& slot : slots_)
            raise(slot, change);
    }
    // The number of the latest change. A read that begins now sees it: it was committed before it was
    // announced.
    Stamp latest() const { return latest_.load(std::memory_order_acquire); }

    std::size_t slot_of(std::string_view subject) const {
        return std::hash<std::string_view>{}(subject) % slots_.size();
    }
    Stamp at(std::size_t slot) const { return slots_[slot].load(std::memory_order_acquire); }

private:
    Stamp next() { return latest_.fetch_add(1, std::memory_order_acq_rel) + 1; }
    // Of two changes at once the later one stays.
    static void raise(std::atomic<Stamp>& slot, Stamp change) {
        Stamp before = slot.load(std::memory_order_relaxed);
        while (before < change && !slot.compare_exchange_weak(before, change, std::memory_order_acq_rel)) {
        }
    }

    std::atomic<Stamp> latest_{0};
    std::array<std::atomic<Stamp>, 16384> slots_{};
};

// Answers of one I/O thread, the least recently used dropped first. Not thread-safe.
class Kept {
public:
    Kept(const Changes& changes, std::size_t bytes_max) : changes_(changes), bytes_max_(bytes_max) {}

    struct Answer {
        Reply reply;
        std::string subject;  // what it shows
        core::Time share_at;  // when other nodes are to have it as well (shared_answers.hpp)
    };
    static constexpr core::Time never{std::numeric_limits<std::int64_t>::max()};

    // The answer kept under `key`, if nothing it depends on has changed since it was made. Valid until the
    // next call.
    Answer* find(std::string_view key);
    // Keeps an answer, unless its subject has changed after `seen`, the latest change when its read began.
    void keep(std::string_view key, Answer answer, Changes::Stamp seen);

private:
    struct Entry {
        std::string key;
        Answer answer;
        std::size_t slot = 0;
        Changes::Stamp stamp = 0;
        std::size_t bytes = 0;
    };
    void drop(std::list<Entry>::iterator entry);

    const Changes& changes_;
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
};

}  // namespace http
