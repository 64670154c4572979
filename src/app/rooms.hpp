// The one list of rooms.
#pragma once

#include "app/app.hpp"

namespace app {

// Declares every endpoint.
void add_routes(App& app);
// Adds every follower and schedule.
void add_jobs(App& app);

}  // namespace app
