// Cross-origin requests (Fetch standard §3.2) from the configured origins, and from no others.
#pragma once

#include "http/message.hpp"

namespace http {

class Cors {
public:
    // Exact origins ("https://shop.example"), or the single entry "*" for any.
    explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

    // Lines to add to an answer, if the request's Origin may read it.
    void add_headers(const Request& request, std::string& headers) const;
    bool is_preflight(const Request& request) const;
    Reply preflight(const Request& request, const std::vector<Method>& allowed) const;

private:
    bool allows(std::string_view origin) const;

    std::vector<std::string> origins_;
};

// "GET, HEAD, POST, OPTIONS": the value of Allow for a path with these methods.
std::string allow_value(const std::vector<Method>& methods);

}  // namespace http
