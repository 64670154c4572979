// The look of every letter: its blocks as text and as HTML.
#pragma once

#include "mail/mail.hpp"

namespace mail {

// Where the letter's secret goes when it is delivered. Not clean text, so that no other word can hold it.
inline constexpr char token_place = '\x1A';

std::string text_of(const std::vector<Block>& blocks);
std::string html_of(const std::vector<Block>& blocks);

// The whole of each part: the body between what all letters begin and end with.
std::string text_part(std::string_view body, const Settings& settings);
std::string html_part(std::string_view subject, std::string_view body, const Settings& settings);

}  // namespace mail
