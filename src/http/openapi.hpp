// The OpenAPI 3.1 document of an Api, out of the declarations that also decode and encode: it can't drift
// from them.
#pragma once

#include "http/api.hpp"

namespace http {

// `public_url` becomes the one server entry; empty means the address the document was fetched from.
std::string openapi_document(const Api& api, std::string_view public_url);

}  // namespace http
