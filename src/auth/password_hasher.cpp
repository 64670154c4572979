#include "auth/password_hasher.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <sodium.h>

#include <new>

namespace auth {

PasswordHasher::PasswordHasher(const Settings& settings)
    : memory_bytes_(settings.argon2_memory_kib * 1024),
      passes_(settings.argon2_passes),
      nobodys_hash_(hash_now(core::to_base64url(core::random_bytes<32>()))),
      pool_(settings.hash_threads, settings.hash_queue_max) {}

std::string PasswordHasher::hash_now(const std::string& password) const {
    char text[crypto_pwhash_STRBYTES];
    int failed = crypto_pwhash_str_alg(text, password.data(), password.size(), passes_, memory_bytes_,
                                       crypto_pwhash_ALG_ARGON2ID13);
    if (failed != 0) throw std::bad_alloc();  // the only way it can fail
    return text;
}

boost::asio::awaitable<core::Result<std::string>> PasswordHasher::hash(std::string password) {
    auto work = [this, &password] { return hash_now(password); };
    auto hash = co_await pool_.run(work);
    sodium_memzero(password.data(), password.size());
    co_return hash;
}

boost::asio::awaitable<core::Result<PasswordHasher::Verdict>> PasswordHasher::verify(
    std::optional<std::string> stored, std::string password) {
    auto work = [this, &stored, &password] { return verify_now(stored, password); };
    auto verdict = co_await pool_.run(work);
    sodium_memzero(password.data(), password.size());
    co_return verdict;
}

PasswordHasher::Verdict PasswordHasher::verify_now(const std::optional<std::string>& stored,
                                                   const std::string& password) const {
    const std::string& hash = stored ? *stored : nobodys_hash_;
    // libsodium reads a C string of at most STRBYTES.
    bool readable = hash.size() < crypto_pwhash_STRBYTES;
    bool matches = readable && crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
    Verdict verdict{.matches = matches && stored.has_value()};
    if (verdict.matches && crypto_pwhash_str_needs_rehash(hash.c_str(), passes_, memory_bytes_) != 0) {
        verdict.upgraded = hash_now(password);
    }
    return verdict;
}

}  // namespace auth
