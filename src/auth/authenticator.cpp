#include "auth/authenticator.hpp"

#include "core/log.hpp"
#include "core/random.hpp"

#include <cstring>

namespace auth {
namespace {

using Fingerprint = std::array<unsigned char, 16>;

struct FirstBytes {
    std::size_t operator()(const Fingerprint& fingerprint) const {
        std::size_t hash;
        std::memcpy(&hash, fingerprint.data(), sizeof hash);
        return hash;
    }
};

struct Known {
    core::UserId user;
    core::SessionId session;
    core::Role role;
    std::int64_t expires_s;
    std::int64_t proved_s;
    std::optional<std::int64_t> second_factor_s;
    std::uint64_t epoch = 0;  // of the revocations when they were last asked
};

struct Memory {
    std::uint64_t owner = 0;
    std::unordered_map<Fingerprint, Known, FirstBytes> known;
};

thread_local Memory memory;

std::atomic<std::uint64_t> next_serial{1};

Known known_of(const AccessClaims& claims) {
    Known known{.user = claims.sub,
                .session = claims.sid,
                .role = claims.role,
                .expires_s = claims.exp,
                .proved_s = claims.auth_time};
    if (claims.mfa_time) known.second_factor_s = *claims.mfa_time;
    return known;
}

bool is_recent(std::int64_t at_s, std::chrono::seconds window, core::Time now) {
    return now.ms < (at_s + window.count()) * 1000;
}

void refused(const core::Caller& caller, std::string_view why) {
    spdlog::info("auth: token refused reason={} ip={} request={}", why, core::quoted(caller.ip),
                 core::quoted(caller.request_id));
}

}  // namespace

Authenticator::Authenticator(const Settings& settings, const AccessTokens& tokens,
                             const Revocations& revocations)
    : settings_(settings), tokens_(tokens), revocations_(revocations), serial_(next_serial.fetch_add(1)) {}

core::Result<void> Authenticator::authenticate(std::string_view token, core::Time now,
                                               core::Caller& caller) const {
    if (token.size() > access_token_bytes_max) {
        refused(caller, "too_long");
        return std::unexpected(invalid_token());
    }
    if (memory.owner != serial_) memory = {serial_, {}};
    auto fingerprint = core::short_fingerprint(token);
    auto found = memory.known.find(fingerprint);
    if (found == memory.known.end()) {
        auto claims = tokens_.verify(token, now);
        if (!claims) {
            refused(caller, core::name_of(claims.error().code));
            return std::unexpected(std::move(claims.error()));
        }
        if (memory.known.size() >= remembered_tokens_max) memory.known.clear();
        found = memory.known.emplace(fingerprint, known_of(*claims)).first;
    }
    Known& known = found->second;
    if (now.ms >= known.expires_s * 1000) {
        memory.known.erase(found);
        return std::unexpected(expired_token());
    }
    // Read before asking, so that a revocation in between is asked for again.
    if (std::uint64_t epoch = revocations_.epoch(); known.epoch != epoch) {
        if (revocations_.has(known.user, known.session)) {
            memory.known.erase(found);
            refused(caller, "session_revoked");
            return std::unexpected(invalid_token());
        }
        known.epoch = epoch;
    }
    caller.user = known.user;
    caller.session = known.session;
    caller.role = known.role;
    caller.proof_ends_at = core::Time{known.expires_s * 1000};
    caller.reauthenticated = is_recent(known.proved_s, settings_.reauthentication, now);
    caller.second_factor =
        settings_.step_up.count() == 0 ||
        (known.second_factor_s && is_recent(*known.second_factor_s, settings_.step_up, now));
    caller.needs_second_factor =
        settings_.staff_needs_second_factor && known.role != core::Role::customer && !known.second_factor_s;
    if (!caller.needs_second_factor) caller.permissions = core::permissions_of(known.role);
    return {};
}

}  // namespace auth
