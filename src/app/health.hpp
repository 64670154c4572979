// `kontor health`: whether the server on this machine can serve, for those who watch containers.
#pragma once

#include "app/config.hpp"

namespace app {

// Asks it for /readyz. 0: it can. 1: it can't, or there is none; standard output says which.
int report_health(const Config& config);

}  // namespace app
