// Ready answers: hot reads kept as encoded bytes until something they show changes. A change is announced by
// subject after its commit and before its writer hears of it, so a read behind an acknowledged write never
// sees the old bytes.
#pragma once

#include "http/message.hpp"

#include <array>
#include <atomic>
#include <list>
#include <string>
#include <unordered_map>

namespace http {

// How often each subject has changed, by the hash of its name: two subjects that share a slot only cost a
// needless re-read. Shared by all threads.
class Changes {
public:
    using Stamp = std::uint64_t;

    // The count comes first: whoever sees a slot's new stamp then also sees that something changed meanwhile,
    // and doesn't keep an answer that was read before.
    void announce(std::string_view subject) {
        count_.fetch_add(1, std::memory_order_release);
        slots_[slot_of(subject)].fetch_add(1, std::memory_order_release);
    }
    // For a change that answers of any subject may show: a category's name stands in every product of it.
    void announce_all() {
        count_.fetch_add(1, std::memory_order_release);
        for (auto& slot : slots_)
            slot.fetch_add(1, std::memory_order_release);
    }
    // Of all subjects together: unchanged over a read means that nothing was announced during it.
    Stamp count() const { return count_.load(std::memory_order_acquire); }

    std::size_t slot_of(std::string_view subject) const {
        return std::hash<std::string_view>{}(subject) % slots_.size();
    }
    Stamp at(std::size_t slot) const { return slots_[slot].load(std::memory_order_acquire); }

private:
    std::atomic<Stamp> count_{0};
    std::array<std::atomic<Stamp>, 16384> slots_{};
};

// Answers of one I/O thread, the least recently used dropped first. Not thread-safe.
class Kept {
public:
    Kept(const Changes& changes, std::size_t bytes_max) : changes_(changes), bytes_max_(bytes_max) {}

    // The answer kept under `key`, if nothing it depends on has changed since it was made. Valid until the
    // next call.
    Reply* find(std::string_view key);
    // Keeps an answer that shows `subject`, if nothing was announced since `count` was taken (before its read
    // began).
    void keep(std::string_view key, const Reply& reply, std::string_view subject, Changes::Stamp count);

private:
    struct Entry {
        std::string key;
        Reply reply;
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
