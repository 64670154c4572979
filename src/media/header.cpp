#include "media/header.hpp"

namespace media {
namespace {

// Reads numbers that may lie behind the end: those are 0.
class Bytes {
public:
    explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t at(std::size_t place) const {
        return place < bytes_.size() ? static_cast<unsigned char>(bytes_[place]) : 0;
    }
    std::uint64_t big(std::size_t place, int count) const {
        std::uint64_t value = 0;
        for (int i = 0; i < count; ++i)
            value = value << 8 | at(place + static_cast<std::size_t>(i));
        return value;
    }
    std::uint64_t little(std::size_t place, int count) const {
        std::uint64_t value = 0;
        for (int i = count; i > 0; --i)
            value = value << 8 | at(place + static_cast<std::size_t>(i) - 1);
        return value;
    }
    bool has(std::string_view text, std::size_t place) const {
        return place <= bytes_.size() && bytes_.substr(place).starts_with(text);
    }
    std::size_t find(std::string_view text) const { return bytes_.find(text); }
    std::size_t size() const { return bytes_.size(); }

private:
    std::string_view bytes_;
};

// ITU-T T.81: markers with lengths, until a start of frame.
Header jpeg(const Bytes& bytes) {
    std::size_t place = 2;
    while (place + 9 < bytes.size()) {
        if (bytes.at(place) != 0xFF) {  // bytes of no marker: decoders look for the next one too
            ++place;
            continue;
        }
        const auto marker = bytes.at(place + 1);
        const bool is_frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (is_frame) return {Format::jpeg, bytes.big(place + 7, 2), bytes.big(place + 5, 2)};
        const bool is_alone =
            marker == 0xFF || marker == 0 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
        place += is_alone ? 1 : 2 + static_cast<std::size_t>(bytes.big(place + 2, 2));
    }
    return {Format::jpeg, 0, 0};
}

Header webp(const Bytes& bytes) {
    if (bytes.has("VP8X", 12)) return {Format::webp, bytes.little(24, 3) + 1, bytes.little(27, 3) + 1};
    if (bytes.has("VP8L", 12)) {
        const auto bits = bytes.little(21, 4);
        return {Format::webp, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
    }
    return {Format::webp, bytes.little(26, 2) & 0x3FFF, bytes.little(28, 2) & 0x3FFF};
}

// ISO 23008-12: the image spatial extents property.
Header avif(const Bytes& bytes) {
    const std::size_t place = bytes.find("ispe");
    if (place == std::string_view::npos) return {Format::avif, 0, 0};
    return {Format::avif, bytes.big(place + 8, 4), bytes.big(place + 12, 4)};
}

}  // namespace

std::optional<Header> read_header(std::string_view text) {
    const Bytes bytes(text);
    if (bytes.has("\xFF\xD8\xFF", 0)) return jpeg(bytes);
    if (bytes.has("\x89PNG\r\n\x1A\n", 0)) {
        const bool is_whole = bytes.has("IHDR", 12);
        return Header{Format::png, is_whole ? bytes.big(16, 4) : 0, is_whole ? bytes.big(20, 4) : 0};
    }
    if (bytes.has("GIF87a", 0) || bytes.has("GIF89a", 0))
        return Header{Format::gif, bytes.little(6, 2), bytes.little(8, 2)};
    if (bytes.has("RIFF", 0) && bytes.has("WEBP", 8)) return webp(bytes);
    if (bytes.has("ftypavif", 4) || bytes.has("ftypavis", 4)) return avif(bytes);
    return {};
}

}  // namespace media
