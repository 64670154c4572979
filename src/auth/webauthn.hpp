// What a browser and an authenticator answer to a passkey challenge (Web Authentication Level 3 §7), read
// strictly and verified by libfido2. Pure: bytes in, verdict out.
#pragma once

#include "auth/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// COSE algorithms (RFC 9053, RFC 8812), the ones that authenticators have.
inline constexpr std::int64_t cose_es256 = -7;
inline constexpr std::int64_t cose_eddsa = -8;
inline constexpr std::int64_t cose_rs256 = -257;

enum class Ceremony { create, get };

// The challenge that `client_data` answers, as its bytes. Empty unless it is of that ceremony and of a page
// of ours.
std::optional<std::string> read_challenge(std::string_view client_data, Ceremony ceremony,
                                          const RelyingParty& party);

struct Attestation {
    std::string credential_id;
    std::int64_t algorithm = 0;
    std::string public_key;  // as libfido2 keeps it
    std::int64_t sign_count = 0;
    bool backup_eligible = false;
    bool backed_up = false;
    std::string aaguid;
};
// A new credential out of an attestation object. Empty unless it was made for us, with the user present and
// verified, and for one of the algorithms above. Who made the authenticator is not asked (attestation
// "none").
std::optional<Attestation> read_attestation(std::string_view attestation_object, const RelyingParty& party);

struct Assertion {
    std::string client_data;
    std::string authenticator_data;
    std::string signature;
};
struct AssertedState {
    std::int64_t sign_count = 0;
    bool backup_eligible = false;
    bool backed_up = false;
};
// Empty unless the signature is that of the key, over a challenge for us, with the user present and verified.
std::optional<AssertedState> verify_assertion(const Assertion& assertion, std::int64_t algorithm,
                                              std::string_view public_key, const RelyingParty& party);

}  // namespace auth
