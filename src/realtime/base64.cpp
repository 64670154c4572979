#include "realtime/base64.hpp"

#include <sodium.h>

namespace realtime {

std::string to_base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // libsodium ends it with a NUL
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string bytes(text.size() * 3 / 4, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    int failed =
        sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    if (failed != 0 || end != text.data() + text.size()) return {};
    bytes.resize(size);
    return bytes;
}

}  // namespace realtime
