// GET /media/{file}.
#pragma once

#include "async/pool.hpp"
#include "http/api.hpp"
#include "media/media.hpp"

namespace media {

// Files are read on `files`, never on an I/O thread. Both must outlive the server.
void add_routes(http::Api& api, const Folder& folder, async::Pool& files);

}  // namespace media
