// The letters that accounts are written: what each says, and the secret in its link.
#pragma once

#include "auth/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// A token on its way into a letter: the outbox holds it sealed, the table of tokens hashed.
std::string seal_letter_token(const Secret& secret, std::string_view token);
std::optional<std::string> unseal_letter_token(const Secret& secret, std::string_view sealed);

}  // namespace auth
