// Text to the words that are searched for, the same way for products and for queries: lower case, numbers and
// measures apart ("24in." is "24" and "in"), and runs of scripts that put no spaces between words (Thai, Han,
// kana…) as overlapping n-grams.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace search {

inline constexpr std::size_t word_bytes_max = 60;  // longer ones are noise; Xapian's terms end at 245

struct Word {
    std::string text;
    bool is_plain = true;         // letters of a script with spaces: can be stemmed and have typos
    bool is_overlapping = false;  // a gram that begins inside the one before
};

std::vector<Word> words_of(std::string_view text);

}  // namespace search
