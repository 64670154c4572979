#include "core/page.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

namespace core {
namespace {

constexpr std::size_t checksum_size = 8;
constexpr std::size_t cursor_text_max = 1024;
constexpr char separator = '\x1f';  // can't be part of a key: keys are clean text

std::string checksum(std::string_view content) {
    auto digest = short_fingerprint(content);
    return std::string(reinterpret_cast<const char*>(digest.data()), checksum_size);
}

}  // namespace

std::string Cursor::text() const {
    std::string content = order + separator + key + separator + id;
    return to_base64url(checksum(content) + content);
}

Checked<Cursor> Cursor::from_text(std::string_view text) {
    auto refused =
        std::unexpected(Refusal{"invalid_cursor", "must be a next_cursor of this list, unchanged"});
    if (text.size() > cursor_text_max) return refused;
    auto bytes = from_base64url(text);
    if (!bytes || bytes->size() < checksum_size) return refused;
    std::string content = bytes->substr(checksum_size);
    if (checksum(content) != bytes->substr(0, checksum_size)) return refused;
    std::size_t first = content.find(separator);
    std::size_t second = content.rfind(separator);
    if (first == std::string::npos || first == second) return refused;
    return Cursor{content.substr(0, first), content.substr(first + 1, second - first - 1),
                  content.substr(second + 1)};
}

}  // namespace core
