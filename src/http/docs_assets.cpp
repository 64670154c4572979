#include "http/docs_assets.hpp"

// KONTOR_DOCS_DIR is where the build put the gzipped files.
KONTOR_EMBED(kontor_docs_page, KONTOR_DOCS_DIR "/index.html.gz");
KONTOR_EMBED(kontor_docs_start, KONTOR_DOCS_DIR "/start.js.gz");
KONTOR_EMBED(kontor_docs_style, KONTOR_DOCS_DIR "/swagger-ui.css.gz");
KONTOR_EMBED(kontor_docs_bundle, KONTOR_DOCS_DIR "/swagger-ui-bundle.js.gz");

namespace http {

std::optional<Asset> find_docs_asset(std::string_view name) {
    if (name.empty()) return Asset{html, {kontor_docs_page, kontor_docs_page_end}};
    if (name == "start.js") return Asset{script, {kontor_docs_start, kontor_docs_start_end}};
    if (name == "swagger-ui.css") return Asset{stylesheet, {kontor_docs_style, kontor_docs_style_end}};
    if (name == "swagger-ui-bundle.js") return Asset{script, {kontor_docs_bundle, kontor_docs_bundle_end}};
    return std::nullopt;
}

}  // namespace http
