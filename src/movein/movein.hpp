// Moving in from a Mongoose shop: what mongodump wrote becomes accounts, categories, products, carts and
// orders of this shop. A second run changes nothing; one with a newer dump brings what has changed there.
// Called by app/.
#pragma once

#include "bulk/bulk.hpp"
#include "cart/cart.hpp"
#include "movein/dump.hpp"
#include "movein/mapping.hpp"

namespace movein {

// In this order: each refers to those before.
enum class Kind { users, categories, products, carts, orders };
BOOST_DESCRIBE_ENUM(Kind, users, categories, products, carts, orders)

enum class Outcome { created, updated, unchanged, skipped, refused };
BOOST_DESCRIBE_ENUM(Outcome, created, updated, unchanged, skipped, refused)

// What became of one document, or is to be said about it (`outcome` "note"). Unchanged ones have none.
struct MovedRow {
    std::string collection;
    std::string id;  // its _id; where that can't be read, "@" and its place in the file
    std::string outcome;
    std::string new_id;
    std::string code;
    std::string message;
};
BOOST_DESCRIBE_STRUCT(MovedRow, (), (collection, id, outcome, new_id, code, message))

struct CollectionSums {
    Kind kind{};
    std::string collection;
    std::map<Outcome, std::int64_t> documents;
};

struct MoveInReport {
    std::vector<CollectionSums> taken;
    std::vector<std::string> not_taken;  // collections that mean nothing to this shop
    bool has_refused() const;
};

struct MoveInOptions {
    bool dry_run = false;  // do everything and keep nothing
    Mapping mapping;
    bulk::PictureSource pictures;
    cart::Settings carts;
    std::function<void(const MovedRow&)> on_row;
    std::function<void(double share, std::int64_t documents)> on_progress;  // `share` of the dump, 0 to 1
    std::function<void(const std::string& password_hash)> on_hash;  // before an account with it comes in
};

// Documents that can't come in are told of, the others come in, in small parts beside an open shop. Throws
// UnreadableDump, and std::runtime_error for a mapping that doesn't fit.
MoveInReport import_mongodump(store::Database& database, const std::filesystem::path& folder,
                              const MoveInOptions& options);

}  // namespace movein
