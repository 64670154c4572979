// gzip (RFC 1952) of whole bodies, by zlib.
#pragma once

#include <memory>
#include <span>
#include <string>

namespace http {

// Of 1 to 9, zlib's levels. JSON shrinks nearly as far as with 6, in a third of the time.
inline constexpr int gzip_effort_of_answers = 4;

// Null if it could not be done; then the plain body goes out.
std::shared_ptr<const std::string> gzipped(const std::string& plain, int effort = gzip_effort_of_answers);

// Throws std::runtime_error if `packed` is not gzip; for our own data only.
std::string gunzipped(std::span<const unsigned char> packed);

}  // namespace http
