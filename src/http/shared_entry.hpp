// A ready answer as bytes that one node leaves for the others. They lie where others may write, so they carry
// a code (keyed BLAKE2b, RFC 7693 §2.9) that only nodes of this shop can make: what anybody else has put
// there, cut off, or moved to another key is no answer.
#pragma once

#include "http/log_places.hpp"

#include <array>
#include <optional>
#include <string>

namespace http {

struct SharedEntry {
    Place stamp = 0;  // as of LogPlaces::heard()
    std::string subject;
    std::string body;
};

// One for the nodes of a shop that answer the same bytes: made of their secret, their build and their
// database.
using SharingKey = std::array<unsigned char, 32>;

// Where the answer to this request lies.
std::string shared_name(const SharingKey& key, std::string_view request);

std::string pack(const SharingKey& key, std::string_view request, const SharedEntry& entry);
// Empty if these aren't bytes of pack() for the same request under the same key.
std::optional<SharedEntry> unpack(const SharingKey& key, std::string_view request, std::string_view bytes);

}  // namespace http
