// gzip (RFC 1952) of whole bodies, by zlib.
#pragma once

#include <memory>
#include <span>
#include <string>

namespace http {

// Null if it could not be done; then the plain body goes out.
std::shared_ptr<const std::string> gzipped(const std::string& plain);

// Throws std::runtime_error if `packed` is not gzip; for our own data only.
std::string gunzipped(std::span<const unsigned char> packed);

}  // namespace http
