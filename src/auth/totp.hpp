// Time-based one-time passwords (RFC 6238) as authenticator apps have them: HMAC-SHA-1, six digits, steps of
// 30 seconds; the arithmetic is liboath's.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

inline constexpr std::size_t totp_secret_bytes = 20;  // RFC 4226 §4 R6: 160 bits
inline constexpr std::size_t totp_digits = 6;

std::string new_totp_secret();  // raw bytes

// The step whose code this is: now's, the one before or the one after (clocks differ, people type slowly).
// Takes the same time for a right and a wrong code.
std::optional<std::int64_t> find_totp_step(const std::string& secret, std::string_view code, core::Time now);

std::string to_base32(const std::string& bytes);  // RFC 4648 §6, without padding

// What the QR code says: the Key URI Format that authenticator apps read.
std::string otpauth_url(const std::string& secret, std::string_view shop, std::string_view account);

}  // namespace auth
