// Which sessions ended before their access tokens did. In memory, because every request asks; filled from the
// database at start, by the events of this process's commits, and on PostgreSQL by a look every half second
// for what other nodes revoked. Thread-safe.
#pragma once

#include "core/caller.hpp"
#include "store/tx.hpp"

#include <atomic>
#include <chrono>
#include <shared_mutex>
#include <span>
#include <unordered_map>

namespace auth {

inline constexpr std::string_view session_revoked_event = "session.revoked";  // subject: the session

class Revocations {
public:
    // What was revoked longer ago than an access token lives needs no memory.
    explicit Revocations(std::chrono::milliseconds access_lifetime);

    void on_event(const store::Event& event);
    // What the database knows: all that still matters, or only of the last minute.
    void load(store::Tx& tx);
    void load_recent(store::Tx& tx);

    bool has(const core::UserId& user, const core::SessionId& session) const;

    // Grows with each change: who remembers that a session is good asks again when this has moved.
    std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::int64_t valid_from_ms = 0;  // of a user: sessions begun before are void
        Clock::time_point known_since;
    };

    void load_since(store::Tx& tx, core::Time since);
    void revoke_session(std::string_view session);
    void revoke_sessions_before(std::string_view user, std::int64_t valid_from_ms);
    void forget_old();  // with the lock held

    std::chrono::milliseconds kept_for_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<std::string, Entry> sessions_;
    std::unordered_map<std::string, Entry> users_;
    Clock::time_point swept_at_ = Clock::now();
    std::atomic<std::uint64_t> epoch_{1};
};

// When the session of that id began, which every session id tells.
std::int64_t session_start_ms(const core::SessionId& session);

}  // namespace auth
