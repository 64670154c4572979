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
    std::uint64_t epoch;  // of the revocations when they were last asked
};

struct Memory {
    std::uint64_t owner = 0;
    std::unordered_map<Fingerprint, Known, FirstBytes> known;
};

thread_local Memory memory;

std::atomic<std::uint64_t> next_serial{1};

void refused(const core::Caller& caller, std::string_view why) {
    spdlog::info("auth: token refused reason={} ip={} request={}", why, core::quoted(caller.ip),
                 core::quoted(caller.request_id));
}

}  // namespace

Authenticator::Authenticator(const AccessTokens& tokens, const Revocations& revocations)
    : tokens_(tokens), revocations_(revocations), serial_(next_serial.fetch_add(1)) {}

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
        found =
            memory.known.emplace(fingerprint, Known{claims->sub, claims->sid, claims->role, claims->exp, 0})
                .first;
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
    caller.permissions = core::permissions_of(known.role);
    return {};
}

}  // namespace auth
