// Descriptions of other shops are HTML; ours are text, which every page can show without a second thought.
#pragma once

#include <string>

namespace bulk {

// What a reader would see: paragraphs and items of lists as lines, entities as characters; markup, scripts
// and styles are gone. Read by libxml2, as browsers read what is broken.
std::string text_of_html(const std::string& html);

}  // namespace bulk
