#include "api_keys/ring.hpp"

#include "core/encoding.hpp"
#include "core/json_read.hpp"
#include "core/random.hpp"

#include <mutex>

namespace api_keys {

std::string hash_of(std::string_view key) {
    return core::to_hex(core::fingerprint(key));
}

std::optional<KnownKey> known_key_in(std::string_view event_payload) {
    auto payload = core::parse_json(event_payload);
    const auto* object = payload ? payload->if_object() : nullptr;
    const auto* hash = object ? object->if_contains("hash") : nullptr;
    const auto* permissions = object ? object->if_contains("permissions") : nullptr;
    if (!hash || !hash->is_string() || !permissions || !permissions->is_string()) return {};
    return KnownKey{std::string(hash->get_string()), std::string(permissions->get_string())};
}

std::uint64_t KeyRing::changes() const {
    std::shared_lock lock(mutex_);
    return changes_;
}

void KeyRing::replace(const std::vector<Entry>& entries, std::uint64_t changes_before_reading) {
    std::unique_lock lock(mutex_);
    if (changes_ != changes_before_reading) return;
    std::unordered_map<std::string, std::int64_t> used;
    for (const auto& [hash, held] : held_)
        used[hash] = held.used_ms;
    held_.clear();
    for (const auto& entry : entries) {
        auto& held = held_.try_emplace(entry.hash, Opened{entry.id, entry.permissions}).first->second;
        if (auto before = used.find(entry.hash); before != used.end()) held.used_ms = before->second;
    }
}

void KeyRing::add(const Entry& entry) {
    std::unique_lock lock(mutex_);
    ++changes_;
    held_.try_emplace(entry.hash, Opened{entry.id, entry.permissions});
}

void KeyRing::remove(core::ApiKeyId id) {
    std::unique_lock lock(mutex_);
    ++changes_;
    std::erase_if(held_, [&](const auto& pair) { return pair.second.opened.id == id; });
}

std::optional<KeyRing::Opened> KeyRing::use(const std::string& hash, core::Time now) const {
    std::shared_lock lock(mutex_);
    auto found = held_.find(hash);
    if (found == held_.end()) return {};
    found->second.used_ms.store(now.ms, std::memory_order_relaxed);
    return found->second.opened;
}

std::vector<std::pair<core::ApiKeyId, core::Time>> KeyRing::uses() {
    std::shared_lock lock(mutex_);
    std::vector<std::pair<core::ApiKeyId, core::Time>> uses;
    for (auto& [hash, held] : held_) {
        if (auto used = held.used_ms.exchange(0)) uses.emplace_back(held.opened.id, core::Time{used});
    }
    return uses;
}

}  // namespace api_keys
