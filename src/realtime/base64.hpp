// Base64 with padding (RFC 4648 §4): how binary packets travel in polling bodies.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace realtime {

std::string to_base64(std::string_view bytes);

// Empty if `text` isn't base64. Padding may be left out.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace realtime
