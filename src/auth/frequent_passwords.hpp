// The passwords that are tried first on every account (SE-3): 18,000 of eight characters and more, inside the
// program.
#pragma once

#include <string_view>

namespace auth {

// `password` in lower case. The first call reads the list, which takes milliseconds.
bool is_frequent_password(std::string_view password);

}  // namespace auth
