// The files of the interactive API docs (Swagger UI and our page around it).
#pragma once

#include "http/asset.hpp"

#include <optional>

namespace http {

// `name` is what follows "/docs/": "swagger-ui.css". Empty: the page itself.
std::optional<Asset> find_docs_asset(std::string_view name);

// What the page needs and no more: Swagger UI styles elements in place and draws icons from data URIs.
inline constexpr std::string_view docs_content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace http
