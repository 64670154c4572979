#include "users/search_terms.hpp"

#include <unicase.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace users {
namespace {

// Small letters of any script (Unicode 15, §3.13), so that "ÖZ" finds "Öztürk".
std::string folded(std::string_view text) {
    std::size_t length = 0;
    std::unique_ptr<std::uint8_t, decltype(&std::free)> small(
        u8_casefold(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr, UNINORM_NFC,
                    nullptr, &length),
        std::free);
    if (!small) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(small.get()), length};
}

std::vector<std::string> words_of(std::string_view text) {
    constexpr std::string_view separators = " \t\r\n,;";
    std::vector<std::string> words;
    while (words.size() < search_words_max) {
        std::size_t begin = text.find_first_not_of(separators);
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        std::size_t length = std::min(text.find_first_of(separators), text.size());
        words.push_back(folded(text.substr(0, length)));
        text.remove_prefix(length);
    }
    return words;
}

}  // namespace

std::vector<std::string> terms_of(const core::Email& email, std::string_view name) {
    auto terms = words_of(name);
    terms.push_back(folded(email.key()));
    terms.push_back(folded(email.key().substr(email.key().rfind('@') + 1)));
    std::ranges::sort(terms);
    terms.erase(std::ranges::unique(terms).begin(), terms.end());
    return terms;
}

std::vector<std::string> beginnings_in(std::string_view search) {
    return words_of(search);
}

std::string end_of_beginning(std::string beginning) {
    // UTF-8 has no byte 0xFF, but the end must be UTF-8 as well: the last character of all.
    return std::move(beginning) + "\U0010FFFF";
}

}  // namespace users
