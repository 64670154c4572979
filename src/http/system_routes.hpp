// What operators and developers ask the server itself: is it alive, is it ready, how is it doing, what does
// it speak.
#pragma once

#include "http/api.hpp"

namespace http {

// What the shop goes on without: /readyz tells of it, and stays 200.
struct Companion {
    std::string name;
    std::function<bool()> answers;
};

// `metrics` gives the text for Prometheus. `public_url` goes into the OpenAPI document. `database` must
// outlive the api.
void add_system_routes(Api& api, store::Database& database,
                       std::function<boost::asio::awaitable<std::string>()> metrics, std::string public_url,
                       std::vector<Companion> companions);

}  // namespace http
