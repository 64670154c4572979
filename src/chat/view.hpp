// Conversations and messages as they are shown: rows, and the names and read marks that belong to them, in a
// fixed number of statements however many there are.
#pragma once

#include "chat/queries.hpp"

namespace chat {

std::vector<Conversation> shown(store::Tx& tx, core::UserId reader,
                                const std::vector<queries::ConversationRow>& rows);
Conversation shown(store::Tx& tx, core::UserId reader, const queries::ConversationRow& row);

std::vector<Message> shown(store::Tx& tx, const std::vector<queries::MessageRow>& rows);
Message shown(store::Tx& tx, const queries::MessageRow& row);
// One that was written in this transaction: nobody can have read it.
Message shown_new(store::Tx& tx, const queries::MessageRow& row);

}  // namespace chat
