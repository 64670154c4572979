// Finding what was said to support, by words. A follower keeps an index of them in the same database, so that
// writing a message doesn't wait for it and no search reads all messages.
#pragma once

#include "chat/chat.hpp"
#include "jobs/runner.hpp"

namespace chat {

inline constexpr std::size_t search_words_max = 5;

// The words of a text in small letters, each once, in the order of the text: runs of letters and digits.
// Writing without spaces (Chinese, Japanese) is one word a character.
std::vector<std::string> words_of(std::string_view text);

struct MessageSearch {
    core::Text<1, 200> q;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(MessageSearch, (), (q, limit, cursor))

// Messages of support's conversations that have all the words, the latest first. For the team.
core::Result<core::List<Message>> search_messages(store::Tx& tx, const core::Caller& caller,
                                                  const MessageSearch& in);

jobs::Follower index_messages();

}  // namespace chat
