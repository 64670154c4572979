// What a WebP file (RFC 9649) says besides its pixels. Only for this folder's own .cpp files.
#pragma once

#include <string>
#include <string_view>

namespace media {

// The file without its Exif and XMP chunks: encoders write small ones of their own, whatever they are told.
// Bytes that aren't a whole WebP come back as they are.
std::string without_metadata(std::string_view webp);

}  // namespace media
