#include "webhooks/signature.hpp"

#include "core/random.hpp"

#include <sodium.h>

#include <stdexcept>

namespace webhooks {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t secret_bytes = 32;

std::string base64(std::span<const unsigned char> bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // its NUL
    return text;
}

std::array<unsigned char, secret_bytes> key_of(std::string_view secret) {
    std::array<unsigned char, secret_bytes> key;
    std::size_t length = 0;
    auto encoded = secret.substr(secret_prefix.size());
    int failed = sodium_base642bin(key.data(), key.size(), encoded.data(), encoded.size(), nullptr, &length,
                                   nullptr, sodium_base64_VARIANT_ORIGINAL);
    if (failed != 0 || length != key.size())
        throw std::runtime_error("a webhook's stored secret is malformed");
    return key;
}

}  // namespace

std::string make_secret() {
    return std::string(secret_prefix) + base64(core::random_bytes<secret_bytes>());
}

std::string sign(std::span<const std::string> secrets, std::string_view id, core::Time sent_at,
                 std::string_view body) {
    std::string signed_text(id);
    signed_text += '.' + std::to_string(sent_at.ms / 1000) + '.';
    signed_text += body;
    std::string header;
    for (const std::string& secret : secrets) {
        auto key = key_of(secret);
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, key.data(), key.size());
        crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(signed_text.data()),
                                      signed_text.size());
        std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac;
        crypto_auth_hmacsha256_final(&state, mac.data());
        if (!header.empty()) header += ' ';
        header += "v1," + base64(mac);
    }
    return header;
}

}  // namespace webhooks
