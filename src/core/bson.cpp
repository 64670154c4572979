#include "core/bson.hpp"

#include <boost/json/parse.hpp>

#include <bson/bson.h>

#include <cstring>
#include <memory>

namespace core {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr std::size_t document_bytes_min = 5;  // a length and the closing zero
constexpr std::size_t piece_bytes = 64 * 1024;

using Json = std::unique_ptr<char, decltype(&bson_free)>;

std::unexpected<Refusal> refused(std::string why) {
    return std::unexpected(Refusal{"invalid_bson", "must be a whole BSON document: " + std::move(why)});
}

Checked<boost::json::object> members_of(const bson_t& document) {
    const Json json(bson_as_relaxed_extended_json(&document, nullptr), bson_free);
    if (!json) return refused("a member is cut off, of an unknown type or no UTF-8 text");
    boost::json::parse_options options;
    options.max_depth = bson_depth_max;
    boost::system::error_code failed;
    auto value = boost::json::parse(json.get(), failed, {}, options);
    if (failed) return refused("it is nested too deep or malformed (" + failed.message() + ")");
    if (!value.is_object()) return refused("it has no members");
    return std::move(value.get_object());
}

std::string id_of(const bson_t& document) {
    bson_iter_t at;
    if (!bson_iter_init_find(&at, &document, "_id")) return {};
    if (BSON_ITER_HOLDS_OID(&at)) {
        char text[25];
        bson_oid_to_string(bson_iter_oid(&at), text);
        return text;
    }
    if (BSON_ITER_HOLDS_INT32(&at) || BSON_ITER_HOLDS_INT64(&at))
        return std::to_string(bson_iter_as_int64(&at));
    std::uint32_t length = 0;
    const char* text = BSON_ITER_HOLDS_UTF8(&at) ? bson_iter_utf8(&at, &length) : nullptr;
    return text && is_clean_utf8({text, length}) ? std::string(text, length) : std::string();
}

std::size_t length_in(const std::string& bytes) {
    std::int32_t length = 0;
    std::memcpy(&length, bytes.data(), length_bytes);
    length = BSON_UINT32_FROM_LE(length);
    return length < 0 ? 0 : static_cast<std::size_t>(length);
}

}  // namespace

// Piece by piece, so that a length that lies takes no memory.
std::size_t BsonReader::append(std::size_t wanted) {
    while (wanted > 0) {
        const std::size_t before = buffer_.size();
        buffer_.resize(before + std::min(wanted, piece_bytes));
        const std::size_t got = read_(std::span(buffer_).subspan(before));
        buffer_.resize(before + got);
        bytes_read_ += got;
        wanted -= got;
        if (got == 0) break;
    }
    return buffer_.size();
}

std::optional<BsonDocument> BsonReader::next() {
    const std::uint64_t offset = bytes_read_;
    const auto damaged = [&](const char* why) {
        return DamagedBson("the file is damaged behind document " + std::to_string(number_) + ", at byte " +
                           std::to_string(offset) + ": " + why);
    };
    buffer_.clear();
    const std::size_t begun = append(length_bytes);
    if (begun == 0) return {};
    if (begun < length_bytes) throw damaged("it ends in the middle of a length");
    const std::size_t length = length_in(buffer_);
    if (length < document_bytes_min || length > bson_bytes_max)
        throw damaged("a document of MongoDB has 5 bytes to 16 MB, this one claims something else");
    if (append(length - length_bytes) < length) throw damaged("it ends in the middle of a document");
    BsonDocument document{++number_, offset, {}, {}};
    bson_t bson;
    if (bson_init_static(&bson, reinterpret_cast<const std::uint8_t*>(buffer_.data()), length)) {
        document.members = members_of(bson);
        document.id = id_of(bson);
    } else {
        document.members = refused("it doesn't end where it says");
    }
    return document;
}

}  // namespace core
