// The keys that open something, in memory, because every request with one asks.
#pragma once

#include "core/caller.hpp"
#include "core/time.hpp"

#include <boost/describe/class.hpp>

#include <map>
#include <memory>
#include <shared_mutex>
#include <unordered_map>

namespace api_keys {

inline constexpr std::string_view created_event = "api_key.created";  // payload: KnownKey
inline constexpr std::string_view deleted_event = "api_key.deleted";

// What may be told of a key: nothing that opens anything, as it is 256 random bits.
struct KnownKey {
    std::string hash;
    std::string permissions;  // names, joined by spaces
};
BOOST_DESCRIBE_STRUCT(KnownKey, (), (hash, permissions))

std::string hash_of(std::string_view key);
std::optional<KnownKey> known_key_in(std::string_view event_payload);

class KeyRing {
public:
    struct Entry {
        std::string hash;
        core::ApiKeyId id;
        core::Permissions permissions;
    };

    // Changes heard so far. What was read from the database before one of them must not undo it.
    std::uint64_t changes() const;
    void replace(const std::vector<Entry>& entries, std::uint64_t changes_before_reading);
    void add(const Entry& entry);
    void remove(core::ApiKeyId id);

    struct Opened {
        core::ApiKeyId id;
        core::Permissions permissions;
    };
    // Empty if there is no such key. Notes that it was used.
    std::optional<Opened> use(const std::string& hash, core::Time now) const;
    // When each was used last, of those used since this was asked.
    std::vector<std::pair<core::ApiKeyId, core::Time>> uses();

private:
    struct Held {
        Opened opened;
        mutable std::atomic<std::int64_t> used_ms{0};  // 0: not since it was asked for

        explicit Held(Opened o) : opened(o) {}
    };
    mutable std::shared_mutex mutex_;
    std::uint64_t changes_ = 0;
    std::unordered_map<std::string, Held> held_;  // by hash: looking for one tells nothing of the others
};

}  // namespace api_keys
