// The catalogue's endpoints.
#pragma once

#include "http/api.hpp"
#include "media/media.hpp"

namespace catalog {

// What is given must outlive the server.
void add_routes(http::Api& api, store::Database& database, media::Pictures& pictures);

}  // namespace catalog
