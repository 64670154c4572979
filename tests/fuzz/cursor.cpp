// Any text as a page's cursor: only what was written by us is taken, and it is written the same again. The
// text is also the key of a cursor of our own, which must survive.
#include "core/page.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto cursor = core::Cursor::from_text(text); cursor && cursor->text() != text) std::abort();
    if (size > 200 || text.find('\x1f') != std::string_view::npos)
        return 0;  // keys are clean text, and not long
    const core::Cursor ours{"created_at", std::string(text), "prd_1"};
    const auto again = core::Cursor::from_text(ours.text());
    if (!again || again->order != ours.order || again->key != ours.key || again->id != ours.id) std::abort();
    return 0;
}
