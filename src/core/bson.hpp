// Documents of MongoDB as a stream: what mongodump writes of a collection, one after the other, out of bytes
// that come in pieces. No I/O of its own; libbson reads the documents.
#pragma once

#include "core/read_some.hpp"
#include "core/text.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>

namespace core {

// MongoDB's own limits: a document has 16 MB and some room for its server, and 100 levels.
inline constexpr std::size_t bson_bytes_max = (16 << 20) + (16 << 10);
inline constexpr std::size_t bson_depth_max = 100;

// A length that can't be, or an end too early: where the next document begins, nobody can tell.
struct DamagedBson : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct BsonDocument {
    std::int64_t number = 0;  // the first is 1
    std::uint64_t offset = 0;
    // As relaxed Extended JSON has it: {"$oid": …}, {"$date": …}, {"$numberDecimal": …}; numbers are numbers.
    Checked<boost::json::object> members;
    std::string id;  // of its _id, as far as that can be read where `members` can't
};

class BsonReader {
public:
    explicit BsonReader(ReadSome read) : read_(std::move(read)) {}

    // Empty at the end. Throws DamagedBson, which names the last whole document.
    std::optional<BsonDocument> next();
    std::uint64_t bytes_read() const { return bytes_read_; }

private:
    std::size_t append(std::size_t wanted);

    ReadSome read_;
    std::string buffer_;
    std::int64_t number_ = 0;
    std::uint64_t bytes_read_ = 0;
};

}  // namespace core
