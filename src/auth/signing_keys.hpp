// The Ed25519 keys (RFC 8032) that access tokens are signed with. Kept in the database, the seed sealed, so
// that every node and every restart signs and checks with the same ones.
#pragma once

#include "auth/settings.hpp"

#include "store/tx.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

using PublicKey = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;

// RFC 8037 §2, as other services read it.
struct Jwk {
    std::string kty;
    std::string crv;
    std::string use;
    std::string alg;
    std::string kid;
    std::string x;
};
BOOST_DESCRIBE_STRUCT(Jwk, (), (kty, crv, use, alg, kid, x))

struct JwkSet {
    std::vector<Jwk> keys;
};
BOOST_DESCRIBE_STRUCT(JwkSet, (), (keys))

class SigningKey {
public:
    explicit SigningKey(const std::array<unsigned char, 32>& seed);
    static SigningKey generate();

    // The key's own fingerprint (RFC 7638): it can't be given to another key.
    const std::string& kid() const { return kid_; }
    const PublicKey& public_key() const { return public_key_; }
    std::string_view seed() const { return {reinterpret_cast<const char*>(secret_key_.data()), 32}; }

    Signature sign(std::string_view message) const;
    // Refuses also non-canonical signatures and keys of small order.
    bool verifies(const Signature& signature, std::string_view message) const;
    Jwk jwk() const;

private:
    std::array<unsigned char, 64> secret_key_;
    PublicKey public_key_;
    std::string kid_;
};

// A key, and when it signs.
struct TimedKey {
    SigningKey key;
    core::Time signs_from{};
    std::optional<core::Time> signs_until;  // when the next one began to
};

// How long a new key is known before it signs: every node and every service that reads the JWKS has seen it
// by then.
inline constexpr std::chrono::seconds key_lead{10};

// All stored keys, the newest first; makes the first one if there is none. Throws std::runtime_error if
// `secret` isn't the one they were sealed under.
std::vector<TimedKey> load_signing_keys(store::Tx& tx, const Secret& secret);

// Adds a key that signs after `key_lead`.
TimedKey rotate_signing_key(store::Tx& tx, const Secret& secret);

}  // namespace auth
