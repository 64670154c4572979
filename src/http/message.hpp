// A request as it arrived and an answer before it is put on the wire: plain values, no sockets.
#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

class Parts;
struct Download;
class Upload;

enum class Method { get, head, post, put, patch, del, options, other };

std::string_view name_of(Method method);

struct Header {
    std::string_view name;  // lower case
    std::string_view value;
};

// Views into the connection's input buffer: valid until the answer to this request is made.
struct Request {
    Method method = Method::get;
    std::string_view method_name;  // as sent
    std::string_view target;       // path and query as sent: "/v1/products?limit=5"
    std::string_view path;         // target up to '?'
    std::string_view query;        // behind '?', still encoded
    std::vector<Header> headers;
    std::string_view body;
    std::shared_ptr<const Upload> upload;  // instead of `body`, where the endpoint takes one
    std::string_view ip;
    std::string_view request_id;
    core::Time arrived;
    bool keep_alive = true;    // the client wants to go on with this connection
    bool is_http_1_0 = false;  // and knows no chunks

    // The first header of that lower-case name, or empty.
    std::string_view header(std::string_view name) const;
};

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

// "%41+b" → "A b". Empty if an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

// The pairs of a query string, decoded. An error if an escape is broken, the text isn't clean UTF-8 or there
// are more than 100.
core::Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

// An answer. `body` is shared, because hot answers are kept and sent many times. The views are literals.
struct Reply {
    unsigned status = 200;
    std::string_view content_type = "application/json";
    std::string_view cache_control = "no-store";
    std::string_view content_security_policy = "default-src 'none'; frame-ancestors 'none'";
    std::string etag;                                 // without quotes; empty: none
    std::string headers;                              // further lines, each "name: value\r\n"
    std::shared_ptr<const std::string> body;          // null: none
    std::shared_ptr<const std::string> gzipped_body;  // the same, compressed; null: not made yet
    bool compressible = true;
    std::shared_ptr<Parts> parts;  // instead of `body`: sent as it is made

    void add_header(std::string_view name, std::string_view value) {
        headers.append(name).append(": ").append(value).append("\r\n");
    }
    static Reply json(unsigned status, std::string body);
    void take(Download download);
    // A strong entity tag (RFC 9110 §8.8.3) out of the body's bytes.
    void tag();
};

// Ends the entity tag of a compressed body: other bytes, so another strong tag.
inline constexpr std::string_view gzip_tag_suffix = "-gz";

// The entity tag of these bytes, without quotes.
std::string entity_tag(std::string_view body);

// Whether a list as in If-Match or If-None-Match names `etag`; "*" names every one. The tag of a compressed
// form names the plain one too.
bool names_tag(std::string_view list, std::string_view etag);

}  // namespace http
