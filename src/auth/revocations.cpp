#include "auth/revocations.hpp"

#include "auth/queries.hpp"

#include "core/json_read.hpp"
#include "users/users.hpp"

#include <mutex>

namespace auth {
namespace {

// Tokens that a racing refresh signed a moment after the revocation live a moment longer.
constexpr std::chrono::minutes slack{1};
constexpr std::chrono::minutes sweep_interval{1};
// More than a transaction takes and than two nodes' clocks differ.
constexpr std::chrono::minutes recent{1};

std::optional<std::int64_t> read_valid_from(const store::Event& event) {
    auto payload = core::parse_json(event.payload);
    const auto* object = payload ? payload->if_object() : nullptr;
    const auto* valid_from = object ? object->if_contains("sessions_valid_from") : nullptr;
    if (!valid_from || !valid_from->is_int64()) return {};
    return valid_from->get_int64();
}

}  // namespace

std::int64_t session_start_ms(const core::SessionId& session) {
    // 26 characters of 5 bits hold 128 bits behind two zero bits: the first ten are those two and the 48 of
    // the time.
    constexpr std::size_t prefix_length = 4;
    constexpr std::size_t time_length = 10;
    std::int64_t ms = 0;
    for (char c : session.text().substr(prefix_length, time_length)) {
        ms = ms << 5 | static_cast<std::int64_t>(core::crockford_alphabet.find(c));
    }
    return ms;
}

Revocations::Revocations(std::chrono::milliseconds access_lifetime) : kept_for_(access_lifetime + slack) {}

void Revocations::on_event(const store::Event& event) {
    if (event.type == session_revoked_event) {
        revoke_session(event.subject);
    } else if (event.type == users::role_changed_event || event.type == users::disabled_event) {
        if (auto valid_from = read_valid_from(event)) revoke_sessions_before(event.subject, *valid_from);
    }
}

void Revocations::load(store::Tx& tx) {
    load_since(tx, tx.now() - kept_for_);
}

void Revocations::load_recent(store::Tx& tx) {
    load_since(tx, tx.now() - recent);
}

void Revocations::load_since(store::Tx& tx, core::Time since) {
    for (const auto& session : queries::list_revoked_sessions(tx, since))
        revoke_session(session.id.text());
    for (const auto& cutoff : users::list_session_cutoffs(tx, since)) {
        revoke_sessions_before(cutoff.user.text(), cutoff.valid_from.ms);
    }
}

bool Revocations::has(const core::UserId& user, const core::SessionId& session) const {
    std::shared_lock lock(mutex_);
    if (sessions_.contains(session.str())) return true;
    auto cutoff = users_.find(user.str());
    return cutoff != users_.end() && session_start_ms(session) < cutoff->second.valid_from_ms;
}

void Revocations::revoke_session(std::string_view session) {
    std::unique_lock lock(mutex_);
    bool is_new = sessions_.try_emplace(std::string(session), Entry{0, Clock::now()}).second;
    if (!is_new) return;
    forget_old();
    epoch_.fetch_add(1, std::memory_order_release);
}

void Revocations::revoke_sessions_before(std::string_view user, std::int64_t valid_from_ms) {
    std::unique_lock lock(mutex_);
    auto [entry, is_new] = users_.try_emplace(std::string(user), Entry{valid_from_ms, Clock::now()});
    if (!is_new) {
        if (entry->second.valid_from_ms >= valid_from_ms) return;
        entry->second = {valid_from_ms, Clock::now()};
    }
    forget_old();
    epoch_.fetch_add(1, std::memory_order_release);
}

void Revocations::forget_old() {
    auto now = Clock::now();
    if (now - swept_at_ < sweep_interval) return;
    swept_at_ = now;
    auto is_old = [&](const auto& pair) { return now - pair.second.known_since > kept_for_; };
    std::erase_if(sessions_, is_old);
    std::erase_if(users_, is_old);
}

}  // namespace auth
