// Argon2id (RFC 9106) by libsodium, on threads of its own that run behind everything else: a flood of log-ins
// is answered 503 before it holds up the rest of the shop (SE-2, SE-4).
#pragma once

#include "auth/hash_kinds.hpp"
#include "auth/password_cost.hpp"
#include "auth/settings.hpp"

#include "async/pool.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace auth {

class PasswordHasher {
public:
    explicit PasswordHasher(const Settings& settings);

    // Before the first hash: there is no lock.
    void use(PasswordCost cost);

    // A PHC string: "$argon2id$v=19$m=19456,t=2,p=1$salt$hash", of the normalized password. Blocks for tens
    // of milliseconds.
    std::string hash_now(const std::string& password) const;

    // The same on the pool. Errors: overloaded.
    boost::asio::awaitable<core::Result<std::string>> hash(std::string password);

    // What our hashes begin with, up to their salt.
    std::string kind() const;
    // How long one verification by a hash of that kind takes. Blocks for as long.
    std::chrono::nanoseconds time_of(const std::string& kind) const;
    // How long refusals take, by the kind of the hash.
    HashKinds& kinds() { return kinds_; }

    struct Verdict {
        bool matches = false;
        std::optional<std::string> upgraded;  // a new hash, if the stored one isn't what we would make today
    };
    // `stored` is a hash of ours or a bcrypt one. Without one, or one that can't be verified, it takes the
    // same time and doesn't match. Errors: overloaded.
    boost::asio::awaitable<core::Result<Verdict>> verify(std::optional<std::string> stored,
                                                         std::string password);

    // A place among those who are about to hash something; given back by its destructor. Taken before
    // anything that costs, so that what a flood gets is a quick no. Errors: overloaded.
    class Turn {
    public:
        explicit Turn(std::atomic<std::size_t>& taken) : taken_(&taken) {}
        Turn(Turn&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() { give_back(); }
        void give_back() {
            if (auto* taken = std::exchange(taken_, nullptr)) taken->fetch_sub(1);
        }

    private:
        std::atomic<std::size_t>* taken_;
    };
    core::Result<Turn> take_turn();

    std::size_t waiting() const { return pool_.waiting(); }
    void stop() { pool_.stop(); }

private:
    Verdict verify_now(const std::string& hash, const std::string& password) const;
    const std::string& hash_to_try(const std::optional<std::string>& stored) const;

    HashKinds kinds_;
    PasswordCost cost_;
    std::string nobodys_hash_;  // which no password has
    std::atomic<std::size_t> turns_taken_{0};
    std::size_t turns_max_;
    async::Pool pool_;
};

// Whether log-ins can verify a password against this text: a hash of ours, or bcrypt.
bool is_password_hash(const std::string& text);

}  // namespace auth
