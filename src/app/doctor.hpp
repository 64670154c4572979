// `kontor doctor`: what an operator should look at, and what to do about each.
#pragma once

#include "app/config.hpp"

namespace app {

// Prints the findings. 0: none. 1: some. Changes nothing.
int examine(const Config& config);

}  // namespace app
