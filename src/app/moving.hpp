// `kontor copy`: a shop from one engine to the other. Returns the exit code.
#pragma once

#include <string>

namespace app {

int copy_shop(const std::string& from, const std::string& to);

}  // namespace app
