// The chat's own page, /chat: src/chat/console, as tools/chat_console.cmake makes it ready.
#pragma once

#include "http/asset.hpp"

#include <optional>

namespace chat {

// `name` is what follows "/chat/": "console.js". Empty: the page itself.
std::optional<http::Asset> find_console_asset(std::string_view name);

// Its own script and style, the API and the socket of the same origin, and nothing else.
inline constexpr std::string_view console_content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace chat
