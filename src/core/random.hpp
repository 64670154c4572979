// Unpredictable bytes and fingerprints, both by libsodium. core::start_crypto() runs once before any of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace core {

// Readies libsodium. Throws std::runtime_error if the system has no source of randomness.
void start_crypto();

void fill_random(std::span<unsigned char> bytes);

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
    std::array<unsigned char, N> bytes;
    fill_random(bytes);
    return bytes;
}

// BLAKE2b (RFC 7693) of `text`: for tokens stored hashed, request fingerprints and entity tags.
std::array<unsigned char, 32> fingerprint(std::string_view text);
std::array<unsigned char, 16> short_fingerprint(std::string_view text);

// Compares in a time that depends on the length only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace core
