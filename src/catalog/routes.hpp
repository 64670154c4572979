// The catalogue's endpoints.
#pragma once

#include "http/api.hpp"

namespace catalog {

void add_routes(http::Api& api);

}  // namespace catalog
