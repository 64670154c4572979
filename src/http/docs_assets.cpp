#include "http/docs_assets.hpp"

// KONTOR_DOCS_DIR is where the build put the gzipped files. The assembler includes them as they are: as an
// array in C++ half a megabyte would take the compiler seconds.
#define EMBED(symbol, file)                                                                \
    __asm__(".pushsection .rodata\n.global kontor_docs_" #symbol "\nkontor_docs_" #symbol  \
            ":\n.incbin \"" KONTOR_DOCS_DIR "/" file ".gz\"\n.global kontor_docs_" #symbol \
            "_end\nkontor_docs_" #symbol "_end:\n.byte 0\n.popsection\n");                 \
    extern "C" const unsigned char kontor_docs_##symbol[];                                 \
    extern "C" const unsigned char kontor_docs_##symbol##_end[]

EMBED(page, "index.html");
EMBED(start, "start.js");
EMBED(style, "swagger-ui.css");
EMBED(bundle, "swagger-ui-bundle.js");

namespace http {

std::optional<DocsAsset> find_docs_asset(std::string_view name) {
    constexpr std::string_view html = "text/html; charset=utf-8", css = "text/css; charset=utf-8",
                               script = "text/javascript; charset=utf-8";
    if (name.empty()) return DocsAsset{html, {kontor_docs_page, kontor_docs_page_end}};
    if (name == "start.js") return DocsAsset{script, {kontor_docs_start, kontor_docs_start_end}};
    if (name == "swagger-ui.css") return DocsAsset{css, {kontor_docs_style, kontor_docs_style_end}};
    if (name == "swagger-ui-bundle.js")
        return DocsAsset{script, {kontor_docs_bundle, kontor_docs_bundle_end}};
    return std::nullopt;
}

}  // namespace http
