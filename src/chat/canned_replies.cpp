#include "chat/canned_replies.hpp"

namespace chat {
namespace {

#define CANNED_COLUMNS "id, title, text, created_at, updated_at"

constexpr std::string_view list_order = "-created";

core::Result<CannedReply> found(std::optional<CannedReply> reply) {
    if (!reply) return core::not_found("canned reply");
    return std::move(*reply);
}

}  // namespace

core::Result<CannedReply> add_canned_reply(store::Tx& tx, const core::Caller&, const NewCannedReply& in) {
    return tx.get<CannedReply>(
        "insert into canned_replies (id, title, text, created_at, updated_at) values ($1, $2, $3, $4, $4)"
        " returning " CANNED_COLUMNS,
        CannedReplyId::at(tx.now()), in.title, in.text, tx.now());
}

core::Result<CannedReply> get_canned_reply(store::Tx& tx, const core::Caller&, const CannedReplyPath& in) {
    return found(tx.find<CannedReply>("select " CANNED_COLUMNS " from canned_replies where id = $1", in.id));
}

core::Result<core::List<CannedReply>> list_canned_replies(store::Tx& tx, const core::Caller&,
                                                          const CannedReplyQuery& in) {
    auto before = core::place_of(in.cursor, list_order, CannedReplyId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = tx.list<CannedReply>("select " CANNED_COLUMNS
                                     " from canned_replies where id < $1 order by id desc limit $2",
                                     *before, limit + 1);
    return core::page_by_id(std::move(rows), limit, list_order);
}

core::Result<CannedReply> change_canned_reply(store::Tx& tx, const core::Caller&,
                                              const CannedReplyPatch& in) {
    return found(tx.find<CannedReply>(
        "update canned_replies set title = coalesce(cast($2 as text), title),"
        " text = coalesce(cast($3 as text), text), updated_at = $4 where id = $1 returning " CANNED_COLUMNS,
        in.id, in.title, in.text, tx.now()));
}

core::Result<void> remove_canned_reply(store::Tx& tx, const core::Caller&, const CannedReplyPath& in) {
    if (tx.count_changed("delete from canned_replies where id = $1", in.id) == 0)
        return core::not_found("canned reply");
    return {};
}

}  // namespace chat
