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
    if (in.cursor && in.cursor->order != list_order)
        return core::fail(core::ErrorCode::invalid_parameter, "cursor must be a next_cursor of this list.");
    const std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = list_notes(tx, in.id, in.cursor ? std::string_view(in.cursor->id) : "", limit + 1);
    return core::page_of(std::move(rows), limit, [](const OrderNote& last) {
        return core::Cursor{std::string(list_order), "", last.id.str()};
    });
}

}  // namespace orders
