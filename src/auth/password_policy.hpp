// Which passwords are too easy to guess for the account they are meant for, or too short for this shop.
// core::Password has checked that there are at least 8 characters.
#pragma once

#include "core/error.hpp"
#include "core/text.hpp"

#include <string_view>

namespace auth {

// `field` is the JSON Pointer of the password in the request. Errors: validation_failed with `too_easy` or
// `too_short`.
core::Result<void> check_password(const core::Password& password, std::string_view email,
                                  std::string_view name, std::string_view field, std::size_t length_min);

}  // namespace auth
