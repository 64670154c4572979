// Which passwords are too easy to guess for the account they are meant for. Length is checked by
// core::Password.
#pragma once

#include "core/error.hpp"
#include "core/text.hpp"

#include <string_view>

namespace auth {

// `field` is the JSON Pointer of the password in the request. Errors: validation_failed with `too_easy`.
core::Result<void> check_password(const core::Password& password, std::string_view email,
                                  std::string_view name, std::string_view field);

}  // namespace auth
