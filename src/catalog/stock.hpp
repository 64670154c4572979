// Stock by hand, and the ledger in which every change of it stands.
#pragma once

#include "catalog/product.hpp"

namespace catalog {

enum class StockEntryKind { set, adjust, reserve, release, ship, import };
BOOST_DESCRIBE_ENUM(StockEntryKind, set, adjust, reserve, release, ship, import)

struct StockEntry {
    core::StockEntryId id;
    StockEntryKind kind = StockEntryKind::set;
    std::int64_t on_hand_change = 0;
    std::int64_t reserved_change = 0;
    std::int64_t on_hand_after = 0;
    std::int64_t reserved_after = 0;
    std::optional<std::string> reason;
    std::string actor;  // a user's id, "guest" or "system"
    std::optional<core::OrderId> order_id;
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(StockEntry, (),
                      (id, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reason,
                       actor, order_id, created_at))

// Either of the two: `adjust` adds or takes away, `set` says how many there are.
struct StockChange {
    core::VariantId id;
    std::optional<core::Int<-units_max, units_max>> adjust;
    std::optional<Units> set;
    std::optional<core::Text<1, 500>> reason;
};
BOOST_DESCRIBE_STRUCT(StockChange, (), (id, adjust, set, reason))

struct StockQuery {
    core::VariantId id;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(StockQuery, (), (id, limit, cursor))

// 409 stock_reserved if less would be left than is reserved for orders.
core::Result<StockEntry> change_stock(store::Tx& tx, const core::Caller& caller, const StockChange& change);
// Newest first.
core::Result<core::List<StockEntry>> list_stock_entries(store::Tx& tx, const core::Caller& caller,
                                                        const StockQuery& query);

}  // namespace catalog
