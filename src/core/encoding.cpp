#include "core/encoding.hpp"

#include <sodium.h>

namespace core {

std::string to_base64url(std::span<const unsigned char> bytes) {
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string out(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
    out.pop_back();  // libsodium ends with a NUL
    return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string out(text.size() * 3 / 4 + 1, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    int failed =
        sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(),
                          nullptr, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (failed != 0 || end != text.data() + text.size()) return {};
    out.resize(size);
    if (to_base64url(out) != text) return {};  // libsodium takes some bytes beyond ASCII for letters
    return out;
}

std::string to_hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view alphabet = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (unsigned char byte : bytes) {
        out += alphabet[byte >> 4];
        out += alphabet[byte & 15];
    }
    return out;
}

void write_crockford(std::span<const unsigned char, 16> bytes, char* out26) {
    // 26 × 5 = 130 bits: two leading zero bits, then the 128.
    unsigned buffer = 0;
    int bits = 2;
    int at = 0;
    for (unsigned char byte : bytes) {
        buffer = buffer << 8 | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out26[at++] = crockford_alphabet[buffer >> bits & 31];
        }
        buffer &= (1U << bits) - 1;
    }
}

}  // namespace core
