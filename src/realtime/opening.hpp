// The request that opened a connection, as far as anybody asks for it later.
#pragma once

#include "core/time.hpp"

#include <string>
#include <utility>
#include <vector>

namespace realtime {

struct Opening {
    std::string ip;
    std::string user_agent;  // cut at 200 bytes
    std::string origin;
    std::string url;
    std::vector<std::pair<std::string, std::string>> query;
    std::vector<std::pair<std::string, std::string>> headers;  // only with HubOptions::keeps_headers
    core::Time at;

    // The first parameter of that name, or null.
    const std::string* parameter(std::string_view name) const {
        for (const auto& [key, value] : query) {
            if (key == name) return &value;
        }
        return nullptr;
    }
};

}  // namespace realtime
