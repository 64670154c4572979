// The Stripe-Signature header: HMAC-SHA256 over "time.body", made with the endpoint's secret, so that nobody
// else can tell the shop that it was paid, and nobody can tell it again later.
#pragma once

#include "core/time.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace payments {

// A signature so old, or so far ahead, is not taken (Stripe's own default).
inline constexpr std::chrono::minutes signature_tolerance{5};

// Whether one of the header's v1 signatures was made with one of the secrets, within the tolerance. Takes the
// same time wherever a signature is wrong.
bool is_signed(std::string_view header, std::string_view body, std::span<const std::string> secrets,
               core::Time now);

}  // namespace payments
