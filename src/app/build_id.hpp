// Which build of the program this is, as the linker has marked it: another one for any difference in what was
// built.
#pragma once

#include <string>

namespace app {

// Empty if it wasn't marked.
std::string build_id();

}  // namespace app
