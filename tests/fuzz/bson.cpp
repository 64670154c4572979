// Any bytes, in pieces of any size: the reader must end, and read the same whatever the pieces.
#include "core/bson.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace {

std::vector<std::string> read(std::string_view bytes, std::size_t piece) {
    core::BsonReader reader([=, at = std::size_t{0}](std::span<char> room) mutable {
        const std::size_t size = std::min({room.size(), piece, bytes.size() - at});
        bytes.copy(room.data(), size, at);
        at += size;
        return size;
    });
    std::vector<std::string> documents;
    try {
        while (auto document = reader.next())
            documents.push_back(document->members ? boost::json::serialize(*document->members)
                                                  : document->id + document->members.error().message);
    } catch (const core::DamagedBson& damaged) {
        documents.emplace_back(damaged.what());
    }
    if (reader.bytes_read() > bytes.size()) std::abort();
    return documents;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (read(bytes, data[0] + std::size_t{1}) != read(bytes, std::max<std::size_t>(1, bytes.size())))
        std::abort();
    return 0;
}
