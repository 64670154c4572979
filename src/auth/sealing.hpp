// Secret boxes (XSalsa20-Poly1305, libsodium): text that only who has the key can read, and nobody can
// change.
#pragma once

#include "auth/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// A key for one purpose: keyed BLAKE2b (RFC 7693 §2.9) of the purpose and the material, under the server's
// secret.
Secret derive_key(const Secret& secret, std::string_view purpose, std::string_view material = {});

// base64url of a fresh nonce and the box.
std::string seal(const Secret& key, std::string_view text);

// Empty if `sealed` was made under another key, or changed.
std::optional<std::string> unseal(const Secret& key, std::string_view sealed);

}  // namespace auth
