// What auth/ can be told from outside. Each has its reason; the defaults are the project's promises
// (docs/security.md).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace auth {

using Secret = std::array<unsigned char, 32>;

// Who passkeys are made for: a domain, and the web origins of its pages.
struct RelyingParty {
    std::string id;
    std::vector<std::string> origins;
};

struct Settings {
    std::string issuer = "http://127.0.0.1:8080";  // the `iss` of access tokens: the shop's public URL
    std::string audience = "kontor";               // their `aud`
    std::string shop_name = "Kontor";              // what authenticator apps and passkey dialogs show
    RelyingParty passkey_party{"localhost", {"http://localhost:8080"}};
    Secret secret{};  // seals signing keys, TOTP secrets and replayed answers; the same on every node

    std::chrono::seconds access_lifetime{15 * 60};  // short, because other services can't see a revocation
    std::chrono::seconds refresh_idle{14 * 24 * 3600};
    std::chrono::seconds refresh_absolute{30 * 24 * 3600};
    std::chrono::seconds replay_window{10};  // for a client that lost the answer, and for tabs that race

    std::chrono::seconds reauthentication{5 * 60};  // SE-11: a proof so old still changes credentials
    std::chrono::seconds step_up{10 * 60};   // a second factor so old still grants rights; 0: needs none
    bool staff_needs_second_factor = false;  // without one they may do what customers may

    // Failed log-ins in a row from one address before it must pause; 0: no limit. An address may be a whole
    // office's; a server that sees only its proxy's needs trusted-proxies.
    std::int64_t address_failures = 100;
    std::int64_t address_registrations = 100;  // in an hour; 0: any number

    std::size_t password_length_min = 8;  // SP 800-63B-4 §3.1.1.2: 15 where it is the only factor

    // How long a log-in that isn't even tried waits for its no: who floods and waits for answers gets few of
    // them.
    std::chrono::milliseconds refusal_delay{1000};

    std::size_t argon2_memory_kib = 19456;  // OWASP's second choice: m=19 MiB, t=2, p=1
    unsigned argon2_passes = 2;             // at least
    std::chrono::milliseconds hash_target{
        50};                          // what a hash may take, measured at the first start; 0: no more passes
    unsigned hash_threads = 1;        // at once, of 19 MiB and a core each
    std::size_t hash_queue_max = 64;  // some seconds of work; one more is answered 503
};

}  // namespace auth
