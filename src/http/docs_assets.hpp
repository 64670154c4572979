// The files of the interactive API docs (Swagger UI and our page around it), inside the program, so that
// /docs works without the internet. Kept gzipped: a client that can't unpack gets them unpacked by whoever
// serves them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace http {

struct DocsAsset {
    std::string_view content_type;
    std::span<const unsigned char> gzipped;  // lives as long as the program
};

// `name` is what follows "/docs/": "swagger-ui.css". Empty: the page itself.
std::optional<DocsAsset> find_docs_asset(std::string_view name);

// What the page needs and no more: Swagger UI styles elements in place and draws icons from data URIs.
inline constexpr std::string_view docs_content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace http
