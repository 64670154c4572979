#include "auth/signing_keys.hpp"

#include "auth/queries.hpp"
#include "auth/sealing.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <sodium.h>

#include <stdexcept>

namespace auth {
namespace {

constexpr std::string_view seed_purpose = "signing key seed";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// SHA-256 over the required members in lexicographic order (RFC 7638 §3.2).
std::string thumbprint(std::string_view x) {
    std::string members = R"({"crv":"Ed25519","kty":"OKP","x":")" + std::string(x) + "\"}";
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
    crypto_hash_sha256(digest.data(), bytes_of(members), members.size());
    return core::to_base64url(digest);
}

SigningKey opened(const queries::SigningKeyRow& row, const Secret& key) {
    auto seed = unseal(key, row.sealed_seed);
    std::array<unsigned char, crypto_sign_SEEDBYTES> bytes;
    if (!seed || seed->size() != bytes.size()) {
        throw std::runtime_error(
            "The signing key in the database was sealed under another secret. Start with the "
            "KONTOR_SECRET (or the file `secret` of the data folder) that it was made with.");
    }
    std::ranges::copy(*seed, bytes.begin());
    SigningKey signing_key(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    sodium_memzero(seed->data(), seed->size());
    return signing_key;
}

bool insert(store::Tx& tx, const Secret& key, const TimedKey& next, std::int64_t serial) {
    return queries::insert_signing_key(tx, {.serial = serial,
                                            .kid = next.key.kid(),
                                            .sealed_seed = seal(key, next.key.seed()),
                                            .public_key = core::to_base64url(next.key.public_key()),
                                            .created_at = tx.now(),
                                            .signs_from = next.signs_from});
}

}  // namespace

SigningKey::SigningKey(const std::array<unsigned char, 32>& seed) {
    static_assert(sizeof secret_key_ == crypto_sign_SECRETKEYBYTES &&
                  sizeof public_key_ == crypto_sign_PUBLICKEYBYTES);
    crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
    kid_ = thumbprint(core::to_base64url(public_key_));
}

SigningKey SigningKey::generate() {
    return SigningKey(core::random_bytes<crypto_sign_SEEDBYTES>());
}

Signature SigningKey::sign(std::string_view message) const {
    Signature signature;
    crypto_sign_detached(signature.data(), nullptr, bytes_of(message), message.size(), secret_key_.data());
    return signature;
}

bool SigningKey::verifies(const Signature& signature, std::string_view message) const {
    return crypto_sign_verify_detached(signature.data(), bytes_of(message), message.size(),
                                       public_key_.data()) == 0;
}

Jwk SigningKey::jwk() const {
    return {.kty = "OKP",
            .crv = "Ed25519",
            .use = "sig",
            .alg = "EdDSA",
            .kid = kid_,
            .x = core::to_base64url(public_key_)};
}

TimedKey rotate_signing_key(store::Tx& tx, const Secret& secret) {
    Secret key = derive_key(secret, seed_purpose);
    if (auto rows = queries::list_signing_keys(tx); !rows.empty())
        opened(rows.front(), key);  // the right secret?
    TimedKey next{SigningKey::generate(), tx.now() + key_lead, {}};
    if (!insert(tx, key, next, queries::last_signing_key_serial(tx) + 1)) throw store::RunAgain();
    return next;
}

std::vector<TimedKey> load_signing_keys(store::Tx& tx, const Secret& secret) {
    Secret key = derive_key(secret, seed_purpose);
    auto rows = queries::list_signing_keys(tx);
    if (rows.empty()) {
        insert(tx, key, {SigningKey::generate(), {}, {}}, 1);
        rows = queries::list_signing_keys(tx);  // another node may have been first
    }
    std::vector<TimedKey> keys;
    std::optional<core::Time> next_signs_from;
    for (const auto& row : rows) {
        keys.push_back({opened(row, key), row.signs_from, next_signs_from});
        next_signs_from = row.signs_from;
    }
    return keys;
}

}  // namespace auth
