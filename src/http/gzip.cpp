#include "http/gzip.hpp"

#include <zlib.h>

#include <stdexcept>

namespace http {
namespace {

constexpr int window_bits = 15 + 16;  // 32 KB window, gzip framing (zlib.h)

Bytef* bytes_of(const void* data) {
    return static_cast<Bytef*>(const_cast<void*>(data));
}

}  // namespace

std::shared_ptr<const std::string> gzipped(const std::string& plain, int effort) {
    z_stream stream{};
    if (deflateInit2(&stream, effort, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) return nullptr;
    std::string out(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = bytes_of(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = bytes_of(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) return nullptr;
    out.shrink_to_fit();
    return std::make_shared<const std::string>(std::move(out));
}

std::string gunzipped(std::span<const unsigned char> packed) {
    z_stream stream{};
    if (inflateInit2(&stream, window_bits) != Z_OK) throw std::runtime_error("zlib could not start");
    stream.next_in = bytes_of(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string out;
    char part[16 * 1024];
    int result = Z_OK;
    while (result == Z_OK) {
        stream.next_out = bytes_of(part);
        stream.avail_out = sizeof part;
        result = inflate(&stream, Z_NO_FLUSH);
        out.append(part, sizeof part - stream.avail_out);
    }
    inflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("not gzip");
    return out;
}

}  // namespace http
