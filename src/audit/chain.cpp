#include "audit/chain.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <sodium.h>

namespace audit {
namespace {

// Each field behind its length: no two entries are the same bytes.
void append(std::string& out, std::string_view field) {
    out += std::to_string(field.size()) + ":";
    out += field;
}

std::string bytes_of(const EntryRow& entry) {
    std::string out;
    for (std::string_view field :
         {entry.id.text(), std::string_view(entry.actor), std::string_view(entry.session),
          std::string_view(entry.ip), std::string_view(entry.request_id), std::string_view(entry.action),
          std::string_view(entry.target), std::string_view(entry.before), std::string_view(entry.after)}) {
        append(out, field);
    }
    append(out, std::to_string(entry.at.ms));
    return out;
}

}  // namespace

std::string mac_of(const Key& key, const Head& before, const EntryRow& entry) {
    std::string bytes;
    append(bytes, std::to_string(before.position));
    append(bytes, before.mac);
    append(bytes, bytes_of(entry));
    std::array<unsigned char, crypto_generichash_BYTES> mac;  // keyed BLAKE2b (RFC 7693 §2.9)
    crypto_generichash(mac.data(), mac.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size(), key.data(), key.size());
    return core::to_hex(mac);
}

std::string fingerprint_of(const EntryRow& entry) {
    return core::to_hex(core::fingerprint(bytes_of(entry)));
}

}  // namespace audit
