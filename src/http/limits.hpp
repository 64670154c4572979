// Every limit of the HTTP side: its name, its default and its reason. app/config.cpp makes settings of them.
#pragma once

#include <chrono>
#include <cstddef>

namespace http {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Limits {
    std::size_t header_bytes_max =
        16 * 1024;  // request line and headers: room for a large cookie, not for an attack
    std::size_t line_bytes_max = 8 * 1024;  // request line or one header
    std::size_t headers_max = 100;          // header lines of one request
    std::size_t body_bytes_max =
        1024 * 1024;  // JSON bodies; honest ones have some KB, long descriptions more

    milliseconds idle_timeout =
        seconds{60};  // between requests: browsers keep connections for about this long
    milliseconds header_timeout = seconds{10};   // from a request's first byte to the end of its headers
    milliseconds body_timeout = seconds{30};     // for the whole body, however fast it drips
    milliseconds upload_timeout = seconds{600};  // for a body that goes to a file: a photo over a bad line
    std::size_t body_bytes_per_second_min = 500;
    milliseconds write_timeout = seconds{30};  // for a client that doesn't read its answer
    milliseconds slow_request = seconds{1};    // worth a line in the log: nobody waits that long gladly
    milliseconds stop_timeout = seconds{10};   // for requests in flight when the server is told to stop

    std::size_t connections_max = 10'000;  // all threads together; one more is answered 503
    // Requests being worked on at once; one more is answered 503. As many as writes may wait: on two cores
    // they are served within a second on SQLite and three on PostgreSQL, while clients that are refused and
    // ask again at once cost the shop most of its sales.
    std::size_t in_flight_max = 4096;
    std::int64_t address_requests_max =
        0;  // of one address in a minute, over all nodes; 0: any number, as a whole office may share one
    std::size_t output_bytes_max =
        256 * 1024;  // unsent answers of a pipelining client; then it must read first

    std::size_t kept_bytes_max = 64 * 1024 * 1024;  // ready answers, per thread
    std::size_t gzip_bytes_min = 1024;              // below this, compressing costs more than it saves
};

}  // namespace http
