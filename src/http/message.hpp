// A request as it arrived and an answer before it is put on the wire: plain values, no sockets.
#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

enum class Method { get, head, post, put, patch, del, options, other };

std::string_view name_of(Method method);

struct Header {
    std::string name;  // lower case
    std::string value;
};

// Reused from request to request on one connection, so that its strings keep their memory.
struct Request {
    Method method = Method::get;
    std::string method_name;  // as sent
    std::string target;       // as sent: "/v1/products?limit=5"
    std::string_view path;    // target up to '?'
    std::string_view query;   // behind '?', still encoded
    std::vector<Header> headers;
    std::string body;
    std::string ip;
    std::string request_id;
    core::Time arrived;
    bool http_1_0 = false;
    bool keep_alive = true;

    // The first header of that lower-case name, or empty.
    std::string_view header(std::string_view name) const;
};

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// "%41+b" → "A b". Empty if an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

// The pairs of a query string, decoded. An error if an escape is broken, the text isn't clean UTF-8 or there are
// more than 100.
core::Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

// An answer. `body` is shared, because hot answers are kept and sent many times.
struct Reply {
    unsigned status = 200;
    std::string_view content_type = "application/json";  // a literal
    std::string headers;                                 // further lines, each "Name: value\r\n"
    std::shared_ptr<const std::string> body;             // null: none
    std::shared_ptr<const std::string> gzipped_body;     // the same, encoded; null: not made yet
    bool close = false;                                  // end the connection behind it

    void add_header(std::string_view name, std::string_view value) {
        headers.append(name).append(": ").append(value).append("\r\n");
    }
    static Reply json(unsigned status, std::string body);
};

}  // namespace http
