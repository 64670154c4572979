#include "media/webp.hpp"

#include <cstdint>

namespace media {
namespace {

constexpr std::size_t file_head_bytes = 12;  // "RIFF", the size of what follows, "WEBP"
constexpr std::size_t chunk_head_bytes = 8;  // a name and a size
constexpr unsigned char flag_exif = 0x08;    // of a VP8X chunk
constexpr unsigned char flag_xmp = 0x04;

std::uint32_t little_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i > 0; --i)
        value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
    return value;
}

void write_little_endian(std::string& bytes, std::size_t place, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        bytes[place + i] = static_cast<char>(value >> (8 * i) & 0xFF);
}

}  // namespace

std::string without_metadata(std::string_view webp) {
    if (webp.size() < file_head_bytes || !webp.starts_with("RIFF") || webp.substr(8, 4) != "WEBP")
        return std::string(webp);
    std::string kept(webp.substr(0, file_head_bytes));
    for (std::size_t at = file_head_bytes; at < webp.size();) {
        if (webp.size() - at < chunk_head_bytes) return std::string(webp);
        const std::string_view name = webp.substr(at, 4);
        const std::size_t size = little_endian(webp.substr(at + 4, 4));
        const std::size_t whole = chunk_head_bytes + size + size % 2;
        if (webp.size() - at < whole) return std::string(webp);
        if (name != "EXIF" && name != "XMP ") {
            const std::size_t flags = kept.size() + chunk_head_bytes;
            kept.append(webp.substr(at, whole));
            if (name == "VP8X" && size > 0)
                kept[flags] = static_cast<char>(kept[flags] & ~(flag_exif | flag_xmp));
        }
        at += whole;
    }
    write_little_endian(kept, 4, static_cast<std::uint32_t>(kept.size() - chunk_head_bytes));
    return kept;
}

}  // namespace media
