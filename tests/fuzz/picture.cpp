// Any bytes as a picture: its header is read in bounds, and what loses its metadata stays a file of the same
// form.
#include "media/header.hpp"
#include "media/webp.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(media::read_header(bytes));
    const std::string kept = media::without_metadata(bytes);
    if (kept.size() > bytes.size()) std::abort();
    if (media::without_metadata(kept) != kept) std::abort();
    return 0;
}
