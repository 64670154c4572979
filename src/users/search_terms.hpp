// The words that staff find an account by. A search is beginnings of words, each of which the account must
// have: that is a range of an index for each, whatever the number of accounts.
#pragma once

#include "core/text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace users {

inline constexpr std::size_t search_words_max = 8;  // of a name; more say nothing more

// The address, its domain and the words of the name, in small letters.
std::vector<std::string> terms_of(const core::Email& email, std::string_view name);
// The words of a search, as terms begin.
std::vector<std::string> beginnings_in(std::string_view search);
// The first text that sorts, byte by byte, behind all that begin so.
std::string end_of_beginning(std::string beginning);

}  // namespace users
