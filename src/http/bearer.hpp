// What an Authorization header carries (RFC 6750 §2.1).
#pragma once

#include <strings.h>

#include <optional>
#include <string_view>

namespace http {

// The token behind `Bearer `, which may be written in any case (RFC 9110 §11.1). Nothing for other schemes.
inline std::optional<std::string_view> bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (authorization.size() < scheme.size()) return std::nullopt;
    if (strncasecmp(authorization.data(), scheme.data(), scheme.size()) != 0) return std::nullopt;
    return authorization.substr(scheme.size());
}

}  // namespace http
