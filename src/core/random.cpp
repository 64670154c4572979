#include "core/random.hpp"

#include <sodium.h>

#include <stdexcept>

namespace core {

void start_crypto() {
    if (sodium_init() < 0) throw std::runtime_error("libsodium could not start: no source of randomness");
}

void fill_random(std::span<unsigned char> bytes) {
    randombytes_buf(bytes.data(), bytes.size());
}

namespace {

template <std::size_t N>
std::array<unsigned char, N> blake2b(std::string_view text) {
    std::array<unsigned char, N> digest;
    crypto_generichash(digest.data(), N, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       nullptr, 0);
    return digest;
}

}  // namespace

std::array<unsigned char, 32> fingerprint(std::string_view text) {
    return blake2b<32>(text);
}
std::array<unsigned char, 16> short_fingerprint(std::string_view text) {
    return blake2b<16>(text);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace core
