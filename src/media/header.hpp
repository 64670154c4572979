// What a picture is, by its first bytes: looked at before anything decodes it. Only for this folder's own
// .cpp files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace media {

enum class Format { jpeg, png, webp, gif, avif };

struct Header {
    Format format = Format::jpeg;
    // Pixels; 0 if the header is too broken to say.
    std::uint64_t width = 0;
    std::uint64_t height = 0;
};

inline constexpr std::size_t header_bytes =
    256 * 1024;  // Exif and colour profiles stand before a JPEG's size

// Empty if it is none of these formats.
std::optional<Header> read_header(std::string_view bytes);

}  // namespace media
