#include "auth/sealing.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <sodium.h>

namespace auth {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Secret derive_key(const Secret& secret, std::string_view purpose, std::string_view material) {
    static_assert(sizeof(Secret) == crypto_secretbox_KEYBYTES &&
                  sizeof(Secret) <= crypto_generichash_KEYBYTES_MAX);
    std::string input(purpose);
    input += '\0';  // ends the purpose, so that no two pairs are the same input
    input += material;
    Secret key;
    crypto_generichash(key.data(), key.size(), bytes_of(input), input.size(), secret.data(), secret.size());
    sodium_memzero(input.data(), input.size());
    return key;
}

std::string seal(const Secret& key, std::string_view text) {
    std::string box(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + text.size(), '\0');
    auto* nonce = reinterpret_cast<unsigned char*>(box.data());
    core::fill_random({nonce, crypto_secretbox_NONCEBYTES});
    crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, bytes_of(text), text.size(), nonce,
                          key.data());
    return core::to_base64url(box);
}

std::optional<std::string> unseal(const Secret& key, std::string_view sealed) {
    auto box = core::from_base64url(sealed);
    if (!box || box->size() < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES) return {};
    std::string_view nonce = std::string_view(*box).substr(0, crypto_secretbox_NONCEBYTES);
    std::string_view cipher = std::string_view(*box).substr(crypto_secretbox_NONCEBYTES);
    std::string text(cipher.size() - crypto_secretbox_MACBYTES, '\0');
    int failed = crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(text.data()), bytes_of(cipher),
                                            cipher.size(), bytes_of(nonce), key.data());
    if (failed != 0) return {};
    return text;
}

}  // namespace auth
