#include "catalog/stock_book.hpp"

#include "catalog/cursor.hpp"

namespace catalog {
namespace {

// An entry with the number that orders the ledger; the columns of both, its own after the entry's.
struct LedgerRow : StockEntry {
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(LedgerRow, (StockEntry), (number))

// Holds the variant's stock until the commit.
std::optional<StockRow> lock_stock(store::Tx& tx, core::VariantId variant) {
    return tx.find<StockRow>(
        "update variants set stock_entry_count = stock_entry_count + 1 where id = $1 "
        "returning product_id, on_hand, reserved, stock_entry_count",
        variant);
}

core::Result<std::int64_t> asked_for(const StockChange& change, const StockRow& before) {
    if (change.adjust.has_value() == change.set.has_value()) {
        return core::fail_field("/adjust", "required", "must be given, or else set; not both");
    }
    const std::int64_t on_hand = change.set ? change.set->value : before.on_hand + *change.adjust;
    if (on_hand > units_max) {
        return core::fail_field("/adjust", "out_of_range",
                                "would make it more than " + std::to_string(units_max));
    }
    return on_hand;
}

// Writes what is on hand from now on, and the entry that tells of it.
core::Result<StockEntry> write_on_hand(store::Tx& tx, core::VariantId variant, const StockRow& before,
                                       std::int64_t on_hand, StockEntry entry) {
    if (on_hand < before.reserved) {
        return core::fail(core::ErrorCode::stock_reserved,
                          before.reserved == 0 ? "There can't be less than nothing on hand."
                                               : "Some of these units are reserved for orders.",
                          {{"on_hand", before.on_hand}, {"reserved", before.reserved}});
    }
    tx.run("update variants set on_hand = $2 where id = $1", variant, on_hand);
    StockRow after = before;
    after.on_hand = on_hand;
    entry.id = core::StockEntryId::at(tx.now());
    entry.on_hand_change = after.on_hand - before.on_hand;
    entry.on_hand_after = after.on_hand;
    entry.reserved_after = after.reserved;
    entry.created_at = tx.now();
    book(tx, variant, after, entry);
    if ((before.available() > 0) != (after.available() > 0)) queries::refresh_in_stock(tx, after.product_id);
    tx.append_event("stock.changed", after.product_id.str());
    return entry;
}

}  // namespace

void book(store::Tx& tx, core::VariantId variant, const StockRow& after, const StockEntry& e) {
    tx.run(
        "insert into stock_entries (variant_id, number, id, kind, on_hand_change, reserved_change, "
        "on_hand_after, "
        "reserved_after, reason, actor, order_id, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11, $12)",
        variant, after.entry_count, e.id, e.kind, e.on_hand_change, e.reserved_change, after.on_hand,
        after.reserved, e.reason, e.actor, e.order_id, e.created_at);
}

void book_first_stock(store::Tx& tx, const core::Caller& caller, const queries::VariantRow& variant) {
    if (variant.on_hand == 0) return;
    StockEntry entry;
    entry.id = core::StockEntryId::at(tx.now());
    entry.on_hand_change = variant.on_hand;
    entry.reason = "Opening stock";
    entry.actor = caller.actor();
    entry.created_at = tx.now();
    book(tx, variant.id, {variant.product_id, variant.on_hand, 0, 1}, entry);
}

core::Result<StockEntry> change_stock(store::Tx& tx, const core::Caller& caller, const StockChange& change) {
    auto before = lock_stock(tx, change.id);
    if (!before) return core::not_found("variant");
    auto on_hand = asked_for(change, *before);
    if (!on_hand) return std::unexpected(std::move(on_hand.error()));
    StockEntry entry;
    entry.kind = change.set ? StockEntryKind::set : StockEntryKind::adjust;
    if (change.reason) entry.reason = change.reason->str();
    entry.actor = caller.actor();
    return write_on_hand(tx, change.id, *before, *on_hand, std::move(entry));
}

core::Result<StockEntry> put_on_hand(store::Tx& tx, const core::Caller& caller, core::VariantId variant,
                                     std::int64_t on_hand, StockEntryKind kind) {
    auto before = lock_stock(tx, variant);
    if (!before) return core::not_found("variant");
    StockEntry entry;
    entry.kind = kind;
    entry.actor = caller.actor();
    return write_on_hand(tx, variant, *before, on_hand, std::move(entry));
}

core::Result<core::List<StockEntry>> list_stock_entries(store::Tx& tx, const core::Caller&,
                                                        const StockQuery& query) {
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    if (query.cursor) {
        auto number = integer_key(*query.cursor);
        if (query.cursor->order != "stock" || query.cursor->id != query.id.text() || !number)
            return refuse_cursor();
        before = *number;
    }
    if (!tx.find<std::int64_t>("select on_hand from variants where id = $1", query.id))
        return core::not_found("variant");
    const std::int64_t limit = query.limit.value_or(core::page_limit_default);
    auto rows = tx.list<LedgerRow>(
        "select id, kind, on_hand_change, reserved_change, on_hand_after, reserved_after, reason, actor, "
        "order_id, "
        "created_at, number from stock_entries where variant_id = $1 and number < $2 order by number desc "
        "limit $3",
        query.id, before, limit + 1);
    auto page = core::page_of(std::move(rows), limit, [&](const LedgerRow& row) {
        return core::Cursor{"stock", std::to_string(row.number), query.id.str()};
    });
    core::List<StockEntry> list{{}, page.has_more, std::move(page.next_cursor)};
    for (LedgerRow& row : page.data)
        list.data.push_back(std::move(row));
    return list;
}

}  // namespace catalog
