// QR codes (ISO/IEC 18004) as pictures that a phone reads off a screen.
#pragma once

#include <string>
#include <string_view>

namespace auth {

// Both hold black squares on white with the quiet zone that the standard asks for.
std::string qr_svg(const std::string& text);
std::string qr_png(const std::string& text);  // the bytes of a PNG

std::string data_uri(std::string_view media_type, std::string_view bytes);  // RFC 2397, base64

}  // namespace auth
