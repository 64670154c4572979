// Answers that the team gives often, ready to send. Everybody of the team may use and change them.
#pragma once

#include "chat/chat.hpp"

namespace chat {

using CannedReplyId = core::Id<"cnd">;

struct CannedReply {
    CannedReplyId id;
    std::string title;
    std::string text;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(CannedReply, (), (id, title, text, created_at, updated_at))

struct NewCannedReply {
    core::Text<1, 100> title;
    MessageText text;
};
BOOST_DESCRIBE_STRUCT(NewCannedReply, (), (title, text))

struct CannedReplyPath {
    CannedReplyId id;
};
BOOST_DESCRIBE_STRUCT(CannedReplyPath, (), (id))

struct CannedReplyPatch {
    CannedReplyId id;
    std::optional<core::Text<1, 100>> title;
    std::optional<MessageText> text;
};
BOOST_DESCRIBE_STRUCT(CannedReplyPatch, (), (id, title, text))

struct CannedReplyQuery {
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(CannedReplyQuery, (), (limit, cursor))

core::Result<CannedReply> add_canned_reply(store::Tx& tx, const core::Caller& caller,
                                           const NewCannedReply& in);
core::Result<CannedReply> get_canned_reply(store::Tx& tx, const core::Caller& caller,
                                           const CannedReplyPath& in);
// The newest first.
core::Result<core::List<CannedReply>> list_canned_replies(store::Tx& tx, const core::Caller& caller,
                                                          const CannedReplyQuery& in);
core::Result<CannedReply> change_canned_reply(store::Tx& tx, const core::Caller& caller,
                                              const CannedReplyPatch& in);
core::Result<void> remove_canned_reply(store::Tx& tx, const core::Caller& caller, const CannedReplyPath& in);

}  // namespace chat
