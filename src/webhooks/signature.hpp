// Signatures of the Standard Webhooks specification 1.0: a receiver checks them with any library of that
// name.
#pragma once

#include "core/time.hpp"

#include <span>
#include <string>
#include <string_view>

namespace webhooks {

// "whsec_" and 32 random bytes in base64.
std::string make_secret();

// The webhook-signature header: "v1," and base64 of HMAC-SHA256 over "id.seconds.body", once for each secret,
// separated by spaces. Secrets as made above.
std::string sign(std::span<const std::string> secrets, std::string_view id, core::Time sent_at,
                 std::string_view body);

}  // namespace webhooks
