// What auth/ can be told from outside. Each has its reason; the defaults are the project's promises
// (docs/security.md).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace auth {

using Secret = std::array<unsigned char, 32>;

struct Settings {
    std::string issuer = "http://127.0.0.1:8080";  // the `iss` of access tokens: the shop's public URL
    std::string audience = "kontor";               // their `aud`
    Secret secret{};  // seals signing keys and replayed answers; the same on every node

    std::chrono::seconds access_lifetime{15 * 60};  // short, because other services can't see a revocation
    std::chrono::seconds refresh_idle{14 * 24 * 3600};
    std::chrono::seconds refresh_absolute{30 * 24 * 3600};
    std::chrono::seconds replay_window{10};  // for a client that lost the answer, and for tabs that race

    std::size_t argon2_memory_kib = 19456;  // OWASP's second choice: m=19 MiB, t=2, p=1
    unsigned argon2_passes = 2;
    unsigned hash_threads = 2;        // at once: 38 MiB and two cores at most
    std::size_t hash_queue_max = 64;  // about a second of work; one more is answered 503
};

}  // namespace auth
