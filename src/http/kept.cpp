#include "http/kept.hpp"

namespace http {
namespace {

constexpr std::size_t entry_overhead_bytes = 400;  // nodes, headers and counters around the bytes themselves
constexpr std::size_t share_of_one_entry = 8;      // an answer above 1/8 of the whole is not worth the rest

}  // namespace

Kept::Answer* Kept::find(std::string_view key) {
    auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    auto entry = found->second;
    if (changes_.at(entry->slot) != entry->stamp) {
        drop(entry);
        return nullptr;
    }
    if (entry != entries_.begin()) entries_.splice(entries_.begin(), entries_, entry);
    return &entry->answer;
}

void Kept::keep(std::string_view key, Answer answer, Changes::Stamp seen) {
    std::size_t slot = changes_.slot_of(answer.subject);
    Changes::Stamp stamp = changes_.at(slot);
    if (stamp > seen) return;
    // Twice the body: its compressed form may join it.
    std::size_t bytes = key.size() + 2 * answer.reply.body->size() + entry_overhead_bytes;
    if (bytes > bytes_max_ / share_of_one_entry) return;
    if (auto old = by_key_.find(key); old != by_key_.end()) drop(old->second);
    while (bytes_ + bytes > bytes_max_)
        drop(std::prev(entries_.end()));
    entries_.push_front({std::string(key), std::move(answer), slot, stamp, bytes});
    by_key_.emplace(entries_.front().key, entries_.begin());
    bytes_ += bytes;
}

void Kept::drop(std::list<Entry>::iterator entry) {
    bytes_ -= entry->bytes;
    by_key_.erase(entry->key);
    entries_.erase(entry);
}

}  // namespace http
