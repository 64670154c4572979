#include "chat/safety.hpp"

#include "chat/messages.hpp"

namespace chat {
namespace {

#define REPORT_COLUMNS                                                                            \
    "id, conversation_id, message_id, text, sender_id, reported_by, reason, status, resolved_by," \
    " created_at, resolved_at"

constexpr std::string_view block_order = "-blocked";
constexpr std::string_view report_order = "-reported";

}  // namespace

core::Result<void> block_user(store::Tx& tx, const core::Caller& caller, const BlockPath& in) {
    if (caller.is(in.user_id)) return core::fail(core::ErrorCode::conflict, "You can't block yourself.");
    tx.run(
        "insert into chat_blocks (user_id, blocked_id, created_at) values ($1, $2, $3)"
        " on conflict (user_id, blocked_id) do nothing",
        caller.user.value(), in.user_id, tx.now());
    return {};
}

core::Result<void> unblock_user(store::Tx& tx, const core::Caller& caller, const BlockPath& in) {
    tx.run("delete from chat_blocks where user_id = $1 and blocked_id = $2", caller.user.value(), in.user_id);
    return {};
}

core::Result<core::List<ChatBlock>> list_blocks(store::Tx& tx, const core::Caller& caller,
                                                const BlockQuery& in) {
    auto before = core::place_of(in.cursor, block_order, core::UserId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = tx.list<ChatBlock>(
        "select blocked_id, created_at from chat_blocks where user_id = $1 and blocked_id < $2"
        " order by blocked_id desc limit $3",
        caller.user.value(), *before, limit + 1);
    return core::page_of(std::move(rows), limit, [](const ChatBlock& last) {
        return core::Cursor{std::string(block_order), "", last.user_id.str()};
    });
}

core::Result<ChatReport> report_message(store::Tx& tx, const core::Caller& caller, const ReportMessage& in) {
    if (!queries::find_visible(tx, in.id, viewer_of(caller))) return core::not_found("conversation");
    auto message = queries::find_message(tx, in.id, in.message_id);
    if (!message)
        return core::fail_field("/message_id", "not_found", "This conversation has no such message.");
    if (caller.is(message->sender_id))
        return core::fail_field("/message_id", "invalid_value", "This is your own message: take it back.");
    auto id = ReportId::at(tx.now());
    bool is_new =
        tx.count_changed(
            "insert into chat_reports (id, conversation_id, message_id, text, sender_id, reported_by, reason,"
            " status, created_at) values ($1, $2, $3, $4, $5, $6, $7, 'open', $8)"
            " on conflict (message_id, reported_by) do nothing",
            id, in.id, in.message_id, message->text, message->sender_id, caller.user.value(), in.reason,
            tx.now()) > 0;
    if (is_new) tx.append_event("chat.reported", in.id.str());
    return tx.get<ChatReport>("select " REPORT_COLUMNS
                              " from chat_reports where message_id = $1 and reported_by = $2",
                              in.message_id, caller.user.value());
}

core::Result<core::List<ChatReport>> list_reports(store::Tx& tx, const core::Caller&, const ReportQuery& in) {
    auto before = core::place_of(in.cursor, report_order, ReportId::highest());
    if (!before) return std::unexpected(std::move(before.error()));
    std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = tx.list<ChatReport>(
        "select " REPORT_COLUMNS " from chat_reports where status = $1 and id < $2 order by id desc limit $3",
        in.status.value_or(ReportStatus::open), *before, limit + 1);
    return core::page_by_id(std::move(rows), limit, report_order);
}

core::Result<ChatReport> get_report(store::Tx& tx, const core::Caller&, const ReportPath& in) {
    auto report = tx.find<ChatReport>("select " REPORT_COLUMNS " from chat_reports where id = $1", in.id);
    if (!report) return core::not_found("report");
    return std::move(*report);
}

core::Result<ChatReport> resolve_report(store::Tx& tx, const core::Caller& caller, const ReportPath& in) {
    auto report = tx.find<ChatReport>(
        "update chat_reports set status = 'resolved', resolved_by = coalesce(resolved_by, $2),"
        " resolved_at = coalesce(resolved_at, $3) where id = $1 returning " REPORT_COLUMNS,
        in.id, caller.user.value(), tx.now());
    if (!report) return core::not_found("report");
    return std::move(*report);
}

}  // namespace chat
