// The HTTP surface of webhooks and of the event feed.
#pragma once

#include "http/api.hpp"
#include "webhooks/webhooks.hpp"

namespace webhooks {

void add_routes(http::Api& api, const Webhooks& webhooks);

}  // namespace webhooks
