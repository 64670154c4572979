#include "auth/password_hasher.hpp"

#include "auth/bcrypt.hpp"
#include "auth/password_text.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#include <new>

namespace auth {
namespace {

constexpr int lowest_priority = 19;  // who waits for a log-in has time, who waits for the catalogue hasn't

// Threads of one process can differ in priority (Linux, nice(2) "C library/kernel differences").
void yield_to_all_others() {
    thread_local const int done = ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowest_priority);
    static_cast<void>(done);
}

std::string base64_of(std::span<const unsigned char> bytes) {
    constexpr int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    std::string out(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
    out.pop_back();  // libsodium ends with a NUL
    return out;
}

// Costs as much to check as a real one, and nothing to make.
std::string random_hash(const PasswordCost& cost) {
    return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
           ",p=1$" + base64_of(core::random_bytes<16>()) + "$" + base64_of(core::random_bytes<32>());
}

}  // namespace

PasswordHasher::PasswordHasher(const Settings& settings)
    : turns_max_(settings.hash_queue_max), pool_(settings.hash_threads, settings.hash_queue_max) {
    use({settings.argon2_memory_kib, settings.argon2_passes});
}

void PasswordHasher::use(PasswordCost cost) {
    cost_ = cost;
    nobodys_hash_ = random_hash(cost);
}

std::string PasswordHasher::hash_now(const std::string& password) const {
    std::string text = normalized(password);
    char hash[crypto_pwhash_STRBYTES];
    int failed = crypto_pwhash_str_alg(hash, text.data(), text.size(), cost_.passes, cost_.memory_kib * 1024,
                                       crypto_pwhash_ALG_ARGON2ID13);
    sodium_memzero(text.data(), text.size());
    if (failed != 0) throw std::bad_alloc();  // the only way it can fail
    return hash;
}

boost::asio::awaitable<core::Result<std::string>> PasswordHasher::hash(std::string password) {
    auto work = [this, &password] {
        yield_to_all_others();
        return hash_now(password);
    };
    auto hash = co_await pool_.run(work);
    sodium_memzero(password.data(), password.size());
    co_return hash;
}

boost::asio::awaitable<core::Result<PasswordHasher::Verdict>> PasswordHasher::verify(
    std::optional<std::string> stored, std::string password) {
    auto work = [this, &stored, &password] {
        yield_to_all_others();
        return verify_now(stored, password);
    };
    auto verdict = co_await pool_.run(work);
    sodium_memzero(password.data(), password.size());
    co_return verdict;
}

core::Result<PasswordHasher::Turn> PasswordHasher::take_turn() {
    Turn turn(turns_taken_);
    if (turns_taken_.fetch_add(1) >= turns_max_)
        return core::fail(core::ErrorCode::overloaded, "Too many people are signing in. Try again shortly.");
    return turn;
}

PasswordHasher::Verdict PasswordHasher::verify_now(const std::optional<std::string>& stored,
                                                   const std::string& password) const {
    Verdict verdict;
    if (stored && is_bcrypt(*stored)) {
        verdict.matches = matches_bcrypt(*stored, password);
        if (verdict.matches) verdict.upgraded = hash_now(password);
        return verdict;
    }
    const std::string& hash = stored ? *stored : nobodys_hash_;
    std::string text = normalized(password);
    // libsodium reads a C string of at most STRBYTES.
    bool readable = hash.size() < crypto_pwhash_STRBYTES;
    bool matches = readable && crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0;
    sodium_memzero(text.data(), text.size());
    verdict.matches = matches && stored.has_value();
    if (verdict.matches &&
        crypto_pwhash_str_needs_rehash(hash.c_str(), cost_.passes, cost_.memory_kib * 1024) != 0)
        verdict.upgraded = hash_now(password);
    return verdict;
}

bool is_password_hash(const std::string& text) {
    bool ours = text.size() < crypto_pwhash_STRBYTES && text.starts_with(crypto_pwhash_argon2id_STRPREFIX) &&
                crypto_pwhash_str_needs_rehash(text.c_str(), crypto_pwhash_OPSLIMIT_MIN,
                                               crypto_pwhash_MEMLIMIT_MIN) >= 0;
    return ours || is_bcrypt(text);
}

}  // namespace auth
