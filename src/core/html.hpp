// Text on its way into a page or a letter of HTML.
#pragma once

#include <string>
#include <string_view>

namespace core {

// Safe in content and in quoted attributes: whatever people typed goes through here.
std::string html_escaped(std::string_view text);

}  // namespace core
