// Codes and regions are compared without regard to case (ASCII). Only for this folder's own .cpp files.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace pricing {

inline std::string upper_case(std::string_view text) {
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return upper;
}

}  // namespace pricing
