// The ledger's SQL: each change of a variant's stock and the entry that tells of it. Only for this folder's
// own .cpp files.
#pragma once

#include "catalog/product_queries.hpp"
#include "catalog/stock.hpp"

namespace catalog {

// What stands after a change; `entry_count` numbers the ledger entry that belongs to it.
struct StockRow {
    core::ProductId product_id;
    std::int64_t on_hand = 0;
    std::int64_t reserved = 0;
    std::int64_t entry_count = 0;

    std::int64_t available() const { return on_hand - reserved; }
};
BOOST_DESCRIBE_STRUCT(StockRow, (), (product_id, on_hand, reserved, entry_count))

// Writes the entry that goes with `after`.
void book(store::Tx& tx, core::VariantId variant, const StockRow& after, const StockEntry& entry);

// Makes what is on hand `on_hand`, with an entry and stock.changed. 409 stock_reserved if less would be left
// than is reserved for orders.
core::Result<StockEntry> put_on_hand(store::Tx& tx, const core::Caller& caller, core::VariantId variant,
                                     std::int64_t on_hand, StockEntryKind kind);

// The first entry of a new variant, if it begins with units on hand. Call once, right after its insert.
void book_first_stock(store::Tx& tx, const core::Caller& caller, const queries::VariantRow& variant);

}  // namespace catalog
