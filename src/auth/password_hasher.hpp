// Argon2id (RFC 9106) by libsodium, on two threads of its own: a flood of log-ins is answered 503 before it
// holds up the rest of the shop.
#pragma once

#include "auth/settings.hpp"

#include "async/pool.hpp"

#include <optional>
#include <string>

namespace auth {

class PasswordHasher {
public:
    explicit PasswordHasher(const Settings& settings);

    // A PHC string: "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". Blocks for tens of milliseconds.
    std::string hash_now(const std::string& password) const;

    // The same on the pool. Errors: overloaded.
    boost::asio::awaitable<core::Result<std::string>> hash(std::string password);

    struct Verdict {
        bool matches = false;
        std::optional<std::string> upgraded;  // a new hash, if the stored one is weaker than the settings ask
    };
    // Without a stored hash it takes the same time and doesn't match. Errors: overloaded.
    boost::asio::awaitable<core::Result<Verdict>> verify(std::optional<std::string> stored,
                                                         std::string password);

    void stop() { pool_.stop(); }

private:
    Verdict verify_now(const std::optional<std::string>& stored, const std::string& password) const;

    std::size_t memory_bytes_;
    unsigned passes_;
    std::string nobodys_hash_;  // of a password that nobody knows
    async::Pool pool_;
};

}  // namespace auth
