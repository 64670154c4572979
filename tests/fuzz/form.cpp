// Any bytes as the file of a multipart/form-data upload, the first of them as its boundary: the parts that
// are found lie within it, one behind the other.
#include "http/form.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string_view boundary = bytes.substr(0, bytes.find('\n'));
    http::Upload upload("/tmp");
    upload.append(bytes.substr(std::min(bytes.size(), boundary.size() + 1)));
    const auto parts = http::read_form(upload, "multipart/form-data; boundary=" + std::string(boundary));
    if (!parts) return 0;
    std::uint64_t end = 0;
    for (const auto& part : *parts) {
        if (part.offset < end || part.size > upload.size() - part.offset) std::abort();
        end = part.offset + part.size;
        static_cast<void>(http::text_of(upload, part, 1000));
    }
    return 0;
}
