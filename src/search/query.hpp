// What a customer typed to what is looked for: corrected where a word is unknown, widened by synonyms and by
// neighbours written as one word. Only for this folder's own .cpp files.
#pragma once

#include "search/indexer.hpp"

namespace search {

inline constexpr std::size_t query_words_max = 24;  // more are not read: each costs a walk of the index

struct Understood {
    Xapian::Query all;  // every word is there, ranked as `any` ranks what it finds
    Xapian::Query any;  // one word at least
    bool differ = false;
    std::optional<std::string> did_you_mean;  // the query as it was read, if a word was taken for a typo
};

// Empty queries if the text has no words.
Understood understand(const Index::Reader& reader, const Book& book, std::string_view text);

// Documents that contain every word of the text, and words that begin with the last one.
Xapian::Query beginning(const Index::Reader& reader, std::string_view text);

}  // namespace search
