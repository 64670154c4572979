// Which addresses a country's post can deliver to: those with a region where it takes one, and a postal code
// of its form.
#pragma once

#include "users/users.hpp"

namespace users {

// Errors: validation_failed at the members that are wrong: a country that isn't one, a missing region, a
// postal code that the country can't have. A country without postal codes takes any.
core::Result<void> check_by_country(const PostalAddress& address);

}  // namespace users
