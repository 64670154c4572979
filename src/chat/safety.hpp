// Between people: not hearing from somebody any more, and telling the team of a message that is not
// acceptable.
#pragma once

#include "chat/chat.hpp"

namespace chat {

struct BlockPath {
    core::UserId user_id;
};
BOOST_DESCRIBE_STRUCT(BlockPath, (), (user_id))

struct ChatBlock {
    core::UserId user_id;
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(ChatBlock, (), (user_id, created_at))

struct BlockQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(BlockQuery, (), (limit, cursor))

// Neither can write to the other directly from then on. Doing it again changes nothing.
core::Result<void> block_user(store::Tx& tx, const core::Caller& caller, const BlockPath& in);
core::Result<void> unblock_user(store::Tx& tx, const core::Caller& caller, const BlockPath& in);
core::Result<core::List<ChatBlock>> list_blocks(store::Tx& tx, const core::Caller& caller,
                                                const BlockQuery& in);

using ReportId = core::Id<"rpt">;

enum class ReportStatus { open, resolved };
BOOST_DESCRIBE_ENUM(ReportStatus, open, resolved)

// `text` is what the message said when it was reported.
struct ChatReport {
    ReportId id;
    ConversationId conversation_id;
    MessageId message_id;
    std::string text;
    core::UserId sender_id;
    core::UserId reported_by;
    std::string reason;
    ReportStatus status = ReportStatus::open;
    std::optional<core::UserId> resolved_by;
    core::Time created_at;
    std::optional<core::Time> resolved_at;
};
BOOST_DESCRIBE_STRUCT(ChatReport, (),
                      (id, conversation_id, message_id, text, sender_id, reported_by, reason, status,
                       resolved_by, created_at, resolved_at))

struct ReportMessage {
    ConversationId id;
    MessageId message_id;
    core::Text<1, 1000> reason;
};
BOOST_DESCRIBE_STRUCT(ReportMessage, (), (id, message_id, reason))

// One report for a message and person: a second try answers with the first. Error: not_found for a
// conversation or message that isn't the caller's to read, 422 for one's own message.
core::Result<ChatReport> report_message(store::Tx& tx, const core::Caller& caller, const ReportMessage& in);

struct ReportQuery {
    std::optional<ReportStatus> status;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(ReportQuery, (), (status, limit, cursor))

struct ReportPath {
    ReportId id;
};
BOOST_DESCRIBE_STRUCT(ReportPath, (), (id))

// For the team. The latest first; without a status, open ones.
core::Result<core::List<ChatReport>> list_reports(store::Tx& tx, const core::Caller& caller,
                                                  const ReportQuery& in);
core::Result<ChatReport> get_report(store::Tx& tx, const core::Caller& caller, const ReportPath& in);
core::Result<ChatReport> resolve_report(store::Tx& tx, const core::Caller& caller, const ReportPath& in);

}  // namespace chat
