#include "auth/webauthn.hpp"

#include "core/encoding.hpp"
#include "core/json_read.hpp"
#include "core/random.hpp"

#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>

namespace auth {
namespace {

// Authenticator data (§6.1): 32 bytes hash of the party's id, flags, counter, then what the flags say.
constexpr std::size_t party_hash_length = 32;
constexpr std::size_t authenticator_data_length_min = 37;
// "none" has a key and no certificates. Bounds also the nesting that a parser meets.
constexpr std::size_t attestation_object_length_max = 4096;
constexpr unsigned char user_present = 0x01;
constexpr unsigned char user_verified = 0x04;
constexpr unsigned char backup_eligible = 0x08;
constexpr unsigned char backed_up = 0x10;

template <auto Free>
struct FreeBy {
    template <class T>
    void operator()(T* held) const {
        Free(&held);
    }
};
using Credential = std::unique_ptr<fido_cred_t, FreeBy<fido_cred_free>>;
using AssertionPtr = std::unique_ptr<fido_assert_t, FreeBy<fido_assert_free>>;
using Item = std::unique_ptr<cbor_item_t, FreeBy<cbor_decref>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string text_of(const unsigned char* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

std::string sha256(std::string_view text) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
    crypto_hash_sha256(digest.data(), bytes_of(text), text.size());
    return text_of(digest.data(), digest.size());
}

// Of ours, by a person who was there and showed it (a finger, a face, a PIN); backed up only if it can be.
bool is_good(std::string_view authenticator_data, const RelyingParty& party) {
    if (authenticator_data.size() < authenticator_data_length_min) return false;
    auto flags = static_cast<unsigned char>(authenticator_data[party_hash_length]);
    constexpr unsigned char wanted = user_present | user_verified;
    bool possible = (flags & backed_up) == 0 || (flags & backup_eligible) != 0;
    return possible && (flags & wanted) == wanted &&
           core::equal_in_constant_time(authenticator_data.substr(0, party_hash_length), sha256(party.id));
}

AssertedState state_of(std::string_view authenticator_data) {
    auto byte = [&](std::size_t at) { return static_cast<unsigned char>(authenticator_data[at]); };
    unsigned char flags = byte(party_hash_length);
    std::int64_t count = 0;
    for (std::size_t i = 1; i <= 4; ++i)
        count = count << 8 | byte(party_hash_length + i);
    return {count, (flags & backup_eligible) != 0, (flags & backed_up) != 0};
}

// The byte string under `name` of a CBOR map with text keys (RFC 8949).
std::optional<std::string> find_bytes(const cbor_item_t* map, std::string_view name) {
    const cbor_pair* pairs = cbor_map_handle(map);
    for (std::size_t i = 0; i < cbor_map_size(map); ++i) {
        const cbor_item_t* key = pairs[i].key;
        const cbor_item_t* value = pairs[i].value;
        if (!cbor_isa_string(key) || !cbor_string_is_definite(key)) continue;
        if (text_of(cbor_string_handle(key), cbor_string_length(key)) != name) continue;
        if (!cbor_isa_bytestring(value) || !cbor_bytestring_is_definite(value)) return {};
        return text_of(cbor_bytestring_handle(value), cbor_bytestring_length(value));
    }
    return {};
}

std::optional<std::string> authenticator_data_of(std::string_view attestation_object) {
    if (attestation_object.size() > attestation_object_length_max) return {};
    cbor_load_result loaded;
    Item item(cbor_load(bytes_of(attestation_object), attestation_object.size(), &loaded));
    if (!item || loaded.read != attestation_object.size() || !cbor_isa_map(item.get())) return {};
    return find_bytes(item.get(), "authData");
}

// libfido2 wants to be told the algorithm before it reads a key.
bool read_key(fido_cred_t* credential, std::string_view authenticator_data, int algorithm) {
    return fido_cred_set_type(credential, algorithm) == FIDO_OK &&
           fido_cred_set_authdata_raw(credential, bytes_of(authenticator_data), authenticator_data.size()) ==
               FIDO_OK;
}

template <class Key, auto Make, auto Fill, auto Free>
bool verifies(const fido_assert_t* assertion, int algorithm, std::string_view key_bytes) {
    std::unique_ptr<Key, FreeBy<Free>> key(Make());
    return key && Fill(key.get(), key_bytes.data(), key_bytes.size()) == FIDO_OK &&
           fido_assert_verify(assertion, 0, algorithm, key.get()) == FIDO_OK;
}

bool verifies(const fido_assert_t* assertion, std::int64_t algorithm, std::string_view key) {
    switch (algorithm) {
        case cose_es256:
            return verifies<es256_pk_t, es256_pk_new, es256_pk_from_ptr, es256_pk_free>(assertion, COSE_ES256,
                                                                                        key);
        case cose_eddsa:
            return verifies<eddsa_pk_t, eddsa_pk_new, eddsa_pk_from_ptr, eddsa_pk_free>(assertion, COSE_EDDSA,
                                                                                        key);
        case cose_rs256:
            return verifies<rs256_pk_t, rs256_pk_new, rs256_pk_from_ptr, rs256_pk_free>(assertion, COSE_RS256,
                                                                                        key);
        default: return false;
    }
}

}  // namespace

std::optional<std::string> read_challenge(std::string_view client_data, Ceremony ceremony,
                                          const RelyingParty& party) {
    auto document = core::parse_json(client_data);
    const auto* object = document ? document->if_object() : nullptr;
    auto text = [&](const char* name) -> std::string_view {
        const auto* member = object ? object->if_contains(name) : nullptr;
        return member && member->is_string() ? std::string_view(member->get_string()) : std::string_view{};
    };
    if (text("type") != (ceremony == Ceremony::create ? "webauthn.create" : "webauthn.get")) return {};
    if (std::ranges::find(party.origins, text("origin")) == party.origins.end()) return {};
    const auto* framed = object->if_contains("crossOrigin");  // in a frame of somebody else's page
    if (framed && (!framed->is_bool() || framed->get_bool())) return {};
    return core::from_base64url(text("challenge"));
}

std::optional<Attestation> read_attestation(std::string_view attestation_object, const RelyingParty& party) {
    auto data = authenticator_data_of(attestation_object);
    if (!data || !is_good(*data, party)) return {};
    for (int algorithm : {COSE_ES256, COSE_EDDSA, COSE_RS256}) {
        Credential credential(fido_cred_new());
        if (!credential) throw std::bad_alloc();
        if (!read_key(credential.get(), *data, algorithm)) continue;
        AssertedState state = state_of(*data);
        Attestation made{
            .credential_id = text_of(fido_cred_id_ptr(credential.get()), fido_cred_id_len(credential.get())),
            .algorithm = algorithm,
            .public_key =
                text_of(fido_cred_pubkey_ptr(credential.get()), fido_cred_pubkey_len(credential.get())),
            .sign_count = state.sign_count,
            .backup_eligible = state.backup_eligible,
            .backed_up = state.backed_up,
            .aaguid =
                text_of(fido_cred_aaguid_ptr(credential.get()), fido_cred_aaguid_len(credential.get()))};
        if (made.credential_id.empty() || made.public_key.empty()) return {};
        return made;
    }
    return {};
}

std::optional<AssertedState> verify_assertion(const Assertion& given, std::int64_t algorithm,
                                              std::string_view public_key, const RelyingParty& party) {
    if (!is_good(given.authenticator_data, party)) return {};
    AssertionPtr assertion(fido_assert_new());
    if (!assertion) throw std::bad_alloc();
    std::string hash = sha256(given.client_data);
    bool complete =
        fido_assert_set_rp(assertion.get(), party.id.c_str()) == FIDO_OK &&
        fido_assert_set_clientdata_hash(assertion.get(), bytes_of(hash), hash.size()) == FIDO_OK &&
        fido_assert_set_count(assertion.get(), 1) == FIDO_OK &&
        fido_assert_set_up(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_uv(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_authdata_raw(assertion.get(), 0, bytes_of(given.authenticator_data),
                                     given.authenticator_data.size()) == FIDO_OK &&
        fido_assert_set_sig(assertion.get(), 0, bytes_of(given.signature), given.signature.size()) == FIDO_OK;
    if (!complete || !verifies(assertion.get(), algorithm, public_key)) return {};
    return state_of(given.authenticator_data);
}

}  // namespace auth
