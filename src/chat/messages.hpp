// What the rules of conversations and messages share.
#pragma once

#include "chat/queries.hpp"

namespace chat {

queries::Viewer viewer_of(const core::Caller& caller);

// The same whoever blocked whom.
core::Error blocked();

}  // namespace chat
