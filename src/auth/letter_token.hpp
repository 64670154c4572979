// The secret of a letter's link on its way there: the outbox of mail/ holds it sealed.
#pragma once

#include "auth/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

std::string seal_letter_token(const Secret& secret, std::string_view token);
// Empty if it was sealed under another secret.
std::optional<std::string> unseal_letter_token(const Secret& secret, std::string_view sealed);

}  // namespace auth
