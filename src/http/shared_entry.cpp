#include "http/shared_entry.hpp"

#include "core/encoding.hpp"

#include <sodium.h>

#include <bit>
#include <cstring>

namespace http {
namespace {

// code, stamp, length of the subject, subject, body
constexpr std::size_t code_bytes = 32;
constexpr std::size_t name_bytes =
    16;  // enough that two requests don't meet; the code tells them apart if they do
constexpr std::size_t head_bytes = code_bytes + sizeof(Place) + sizeof(std::uint16_t);

// What a code is made for: neither may be taken for the other.
constexpr std::string_view for_names = "name";
constexpr std::string_view for_entries = "entry";

using Code = std::array<unsigned char, code_bytes>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Code code_of(const SharingKey& key, std::string_view purpose, std::string_view request,
             std::string_view content) {
    static_assert(sizeof(SharingKey) == crypto_generichash_KEYBYTES);
    crypto_generichash_state state;
    crypto_generichash_init(&state, key.data(), key.size(), code_bytes);
    for (std::string_view part : {purpose, request}) {
        const std::uint64_t length = part.size();  // so that no two sequences are the same input
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&length), sizeof length);
        crypto_generichash_update(&state, bytes_of(part), part.size());
    }
    crypto_generichash_update(&state, bytes_of(content), content.size());
    Code code;
    crypto_generichash_final(&state, code.data(), code.size());
    return code;
}

template <class T>
void append(std::string& out, T number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}
template <class T>
T take(std::string_view& bytes) {
    T number;
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    return number;
}

// Numbers are written as they lie in memory.
static_assert(std::endian::native == std::endian::little);

}  // namespace

std::string shared_name(const SharingKey& key, std::string_view request) {
    const Code code = code_of(key, for_names, request, {});
    return core::to_base64url(std::span(code).first(name_bytes));
}

std::string pack(const SharingKey& key, std::string_view request, const SharedEntry& entry) {
    std::string bytes(code_bytes, '\0');
    bytes.reserve(head_bytes + entry.subject.size() + entry.body.size());
    append(bytes, entry.stamp);
    append(bytes, static_cast<std::uint16_t>(entry.subject.size()));
    bytes += entry.subject;
    bytes += entry.body;
    const Code code = code_of(key, for_entries, request, std::string_view(bytes).substr(code_bytes));
    std::ranges::copy(code, bytes.begin());
    return bytes;
}

std::optional<SharedEntry> unpack(const SharingKey& key, std::string_view request, std::string_view bytes) {
    if (bytes.size() < head_bytes) return {};
    const Code code = code_of(key, for_entries, request, bytes.substr(code_bytes));
    if (sodium_memcmp(code.data(), bytes.data(), code.size()) != 0) return {};
    bytes.remove_prefix(code_bytes);
    SharedEntry entry;
    entry.stamp = take<Place>(bytes);
    const std::size_t subject_bytes = take<std::uint16_t>(bytes);
    if (subject_bytes > bytes.size()) return {};
    entry.subject = bytes.substr(0, subject_bytes);
    entry.body = bytes.substr(subject_bytes);
    return entry;
}

}  // namespace http
