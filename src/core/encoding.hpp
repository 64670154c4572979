// Bytes as text: base64url without padding (RFC 4648 §5), lower-case hex, Crockford base32.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace core {

std::string to_base64url(std::span<const unsigned char> bytes);
inline std::string to_base64url(std::string_view bytes) {
    return to_base64url(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

// Empty if `text` holds anything else than the one canonical encoding of some bytes.
std::optional<std::string> from_base64url(std::string_view text);

std::string to_hex(std::span<const unsigned char> bytes);

inline constexpr std::string_view crockford_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr bool is_crockford(char c) {
    return crockford_alphabet.find(c) != std::string_view::npos;
}

// 128 bits as 26 characters of Crockford base32, most significant first, so that text sorts as the bytes do.
void write_crockford(std::span<const unsigned char, 16> bytes, char* out26);

}  // namespace core
