#include "auth/qr_code.hpp"

#include <png.h>
#include <sodium.h>
#include <qrcodegen/qrcodegen.hpp>

#include <stdexcept>
#include <vector>

namespace auth {
namespace {

using qrcodegen::QrCode;

constexpr int quiet_modules = 4;      // ISO/IEC 18004 §6.3.8
constexpr int pixels_per_module = 6;  // about 300 pixels a side: sharp on a screen, 2 KB

// Medium: read also with a finger on the screen.
QrCode encoded(const std::string& text) {
    return QrCode::encodeText(text.c_str(), QrCode::Ecc::MEDIUM);
}

}  // namespace

std::string qr_svg(const std::string& text) {
    QrCode code = encoded(text);
    std::string side = std::to_string(code.getSize() + 2 * quiet_modules);
    std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + side + " " + side +
                      R"(" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h)" + side + "v" + side +
                      "H0z" + R"("/><path fill="#000" d=")";
    for (int y = 0; y < code.getSize(); ++y) {
        for (int x = 0; x < code.getSize(); ++x) {
            if (!code.getModule(x, y)) continue;
            svg += "M" + std::to_string(x + quiet_modules) + " " + std::to_string(y + quiet_modules) +
                   "h1v1h-1z";
        }
    }
    return svg + "\"/></svg>";
}

std::string qr_png(const std::string& text) {
    QrCode code = encoded(text);
    const int side = (code.getSize() + 2 * quiet_modules) * pixels_per_module;
    std::vector<unsigned char> pixels;
    pixels.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            bool black =
                code.getModule(x / pixels_per_module - quiet_modules, y / pixels_per_module - quiet_modules);
            pixels.push_back(black ? 0 : 255);
        }
    }
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.format = PNG_FORMAT_GRAY;
    image.width = image.height = static_cast<png_uint_32>(side);
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::string png(size, '\0');
    if (!png_image_write_to_memory(&image, png.data(), &size, 0, pixels.data(), side, nullptr)) {
        throw std::runtime_error(std::string("libpng: ") + image.message);
    }
    png.resize(size);
    return png;
}

std::string data_uri(std::string_view media_type, std::string_view bytes) {
    constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
    std::string base64(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(base64.data(), base64.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), variant);
    base64.pop_back();  // libsodium ends with a NUL
    return "data:" + std::string(media_type) + ";base64," + base64;
}

}  // namespace auth
