// The HTTP surface of chat.
#pragma once

#include "chat/chat.hpp"
#include "http/api.hpp"

namespace chat {

void add_routes(http::Api& api, const Settings& settings);

}  // namespace chat
