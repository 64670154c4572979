// What staff write to each other about an order.
#include "orders/queries.hpp"

namespace orders {
namespace {

constexpr std::string_view list_order = "notes";  // the name of the one sort, in cursors

}  // namespace

core::Result<OrderNote> add_order_note(store::Tx& tx, const core::Caller& caller, const NewOrderNote& in) {
    if (!find_status(tx, in.id, {true, {}, {}})) return core::not_found("order");
    OrderNote note{NoteId::at(tx.now()), caller.actor(), in.text.str(), tx.now()};
    insert_note(tx, in.id, note);
    return note;
}

core::Result<core::List<OrderNote>> list_order_notes(store::Tx& tx, const core::Caller&,
                                                     const OrderNotesQuery& in) {
    if (!find_status(tx, in.id, {true, {}, {}})) return core::not_found("order");
    auto after = core::place_of(in.cursor, list_order, NoteId::lowest());
    if (!after) return std::unexpected(std::move(after.error()));
    const std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = list_notes(tx, in.id, *after, limit + 1);
    return core::page_by_id(std::move(rows), limit, list_order);
}

}  // namespace orders
