// A password as it is hashed: the same characters however a keyboard composed them.
#pragma once

#include <string>
#include <string_view>

namespace auth {

// Unicode normalization form KC (UAX #15), as SP 800-63B-4 §3.1.1.2 asks for. `password` is UTF-8.
std::string normalized(std::string_view password);

}  // namespace auth
