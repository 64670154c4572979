// The head of an answer as bytes: status line and headers in their order.
#pragma once

#include "http/cors.hpp"
#include "http/message.hpp"

namespace http {

// Gives "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), remade once a second. One per thread.
class DateText {
public:
    std::string_view at(core::Time now);

private:
    std::int64_t second_ = -1;
    std::string text_;
};

// What the answer looks like on the wire, decided by what the client asked for.
struct Outgoing {
    unsigned status = 200;
    std::shared_ptr<const std::string> body;  // null: none is sent
    std::size_t content_length = 0;           // of the body that is sent, or that HEAD leaves out
    bool gzipped = false;
    bool keep_alive = true;
};

// Chooses 304 for a matching If-None-Match, gzip where the client takes it and it pays, no body for HEAD. May
// add the compressed form to `reply`.
Outgoing negotiate(const Request& request, Reply& reply, std::size_t gzip_bytes_min);

void write_head(std::string& out, const Request& request, const Reply& reply, const Outgoing& outgoing,
                const Cors& cors, std::string_view date);

}  // namespace http
