#include "auth/password_hasher.hpp"

#include "auth/bcrypt.hpp"
#include "auth/password_text.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <boost/asio/steady_timer.hpp>

#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <new>

namespace auth {
namespace {

constexpr int lowest_priority = 19;  // who waits for a log-in has time, who waits for the catalogue hasn't

constexpr unsigned foreign_memory_kib_max = 128 * 1024;  // twice what other libraries take by default
constexpr unsigned foreign_passes_max = 32;

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

// Costs as much to check as a real one of the kind, and nothing to make.
std::string random_hash(const std::string& kind) {
    constexpr std::size_t bcrypt_letters = 53;  // of salt and hash
    if (!kind.starts_with("$argon2id$")) return kind + "$" + std::string(bcrypt_letters, 'u');
    return kind + "$" + base64_of(core::random_bytes<16>()) + "$" + base64_of(core::random_bytes<32>());
}

}  // namespace

PasswordHasher::PasswordHasher(const Settings& settings)
    : turns_max_(settings.hash_queue_max), pool_(settings.hash_threads, settings.hash_queue_max) {
    use({settings.argon2_memory_kib, settings.argon2_passes});
}

void PasswordHasher::use(PasswordCost cost) {
    cost_ = cost;
    nobodys_hash_ = random_hash(kind());
}

std::string PasswordHasher::kind() const {
    return "$argon2id$v=19$m=" + std::to_string(cost_.memory_kib) + ",t=" + std::to_string(cost_.passes) +
           ",p=1";
}

std::chrono::nanoseconds PasswordHasher::time_of(const std::string& kind) const {
    std::string hash = random_hash(kind);
    auto start = std::chrono::steady_clock::now();
    verify_now(hash, "measured");
    return std::chrono::steady_clock::now() - start;
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

// A refusal waits for the beat (hash_kinds.hpp), and holds no thread while it does.
boost::asio::awaitable<core::Result<PasswordHasher::Verdict>> PasswordHasher::verify(
    std::optional<std::string> stored, std::string password) {
    using std::chrono::nanoseconds;
    nanoseconds due{};
    auto work = [&] {
        yield_to_all_others();
        const std::string& hash = hash_to_try(stored);
        auto start = std::chrono::steady_clock::now();
        auto verdict = verify_now(hash, password);
        if (verdict.matches) return verdict;
        nanoseconds took = std::chrono::steady_clock::now() - start;
        kinds_.note(kind_of(hash), took);
        due = kinds_.wait_after(took);
        return verdict;
    };
    auto verdict = co_await pool_.run(work);
    sodium_memzero(password.data(), password.size());
    if (due.count() > 0) {
        auto executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, due);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return verdict;
}

core::Result<PasswordHasher::Turn> PasswordHasher::take_turn() {
    Turn turn(turns_taken_);
    if (turns_taken_.fetch_add(1) >= turns_max_)
        return core::fail(core::ErrorCode::overloaded, "Too many people are signing in. Try again shortly.");
    return turn;
}

// Nobody's for who isn't there or has no password that can be verified, so that it takes as long.
const std::string& PasswordHasher::hash_to_try(const std::optional<std::string>& stored) const {
    return stored && is_password_hash(*stored) ? *stored : nobodys_hash_;
}

PasswordHasher::Verdict PasswordHasher::verify_now(const std::string& hash,
                                                   const std::string& password) const {
    Verdict verdict;
    if (is_bcrypt(hash)) {
        verdict.matches = matches_bcrypt(hash, password);
        if (verdict.matches) verdict.upgraded = hash_now(password);
        return verdict;
    }
    std::string text = normalized(password);
    verdict.matches = crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0;
    sodium_memzero(text.data(), text.size());
    if (verdict.matches &&
        crypto_pwhash_str_needs_rehash(hash.c_str(), cost_.passes, cost_.memory_kib * 1024) != 0)
        verdict.upgraded = hash_now(password);
    return verdict;
}

// Of other programs as well, within what a log-in may cost. libsodium reads a C string of at most STRBYTES.
bool is_password_hash(const std::string& text) {
    if (is_bcrypt(text)) return true;
    bool readable = text.size() < crypto_pwhash_STRBYTES &&
                    text.starts_with(crypto_pwhash_argon2id_STRPREFIX) &&
                    crypto_pwhash_str_needs_rehash(text.c_str(), crypto_pwhash_OPSLIMIT_MIN,
                                                   crypto_pwhash_MEMLIMIT_MIN) >= 0;
    unsigned memory_kib = 0;
    unsigned passes = 0;
    return readable && std::sscanf(text.c_str(), "$argon2id$v=19$m=%u,t=%u,", &memory_kib, &passes) == 2 &&
           memory_kib <= foreign_memory_kib_max && passes <= foreign_passes_max;
}

}  // namespace auth
