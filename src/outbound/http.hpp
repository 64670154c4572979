// Requests that the shop sends to other servers, and their answers. Whoever makes one says where it may go:
// an address that somebody entered is judged when it is connected to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace outbound {

// Whom a request may reach. What staff or customers name goes to public addresses only, over https, or they
// could use the server to reach what only the server can reach; what the operator configured goes anywhere.
enum class Reach { public_addresses, anywhere };

struct HttpRequest {
    std::int64_t number = 0;  // the caller's own
    std::string method = "POST";
    std::string url;
    std::vector<std::string> headers;  // "name: value"
    std::string body;
    std::size_t answer_bytes_max = 0;           // of the answer's body: the rest is read and forgotten
    std::chrono::milliseconds timeout{15'000};  // of the whole exchange
};

struct HttpAnswer {
    std::int64_t number = 0;
    std::optional<std::int64_t> status;  // if an answer came, all of it
    std::optional<std::string> error;    // why there was none
    std::string body;

    bool is_success() const { return status && *status / 100 == 2; }
};

}  // namespace outbound
