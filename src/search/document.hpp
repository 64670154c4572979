// A product as the index holds it: its words by weight, the terms that filters look up, and the values that
// sorts and facets read. Only for this folder's own .cpp files.
#pragma once

#include "catalog/catalog.hpp"

#include <xapian.h>

namespace search {

// Raise it when what is written below changes: indexes of another form are built anew.
inline constexpr int index_form = 4;

// One occurrence of a word in a document of usual length. Fine enough for lengths to tell, and what most
// words come to takes one byte.
inline constexpr int weight_unit = 12;

// Values of a document, by what they serve.
enum Slot : Xapian::valueno {
    slot_price,
    slot_created,
    slot_title,
    slot_brand,
    slot_categories,
    slot_attributes
};

// Words have no prefix and no capitals; everything else begins with one of these.
inline constexpr std::string_view prefix_product = "Q";  // unique
inline constexpr std::string_view prefix_brand = "F";
inline constexpr std::string_view prefix_category = "C";   // its own and those above
inline constexpr std::string_view prefix_attribute = "A";  // attribute_pair()
inline constexpr std::string_view prefix_sku = "K";        // in lower case
inline constexpr std::string_view prefix_first = "B";      // a word among the first of a title
inline constexpr std::string_view prefix_joined = "J";     // two neighbours of a title, as one
// Most products are active and in stock. Those that aren't have a term that says so: what every search leaves
// out is then a short list.
inline constexpr std::string_view prefix_hidden = "T";  // the status of a product that isn't active
inline constexpr std::string_view term_sold_out = "S0";

// By category, the way from its root to itself.
using CategoryPaths = std::map<core::CategoryId, std::vector<catalog::CategoryLink>>;
CategoryPaths paths_of(const std::vector<catalog::Category>& roots);

// A term for an exact text of any length.
std::string exact_term(std::string_view prefix, std::string_view text);
std::string lower_case(std::string_view text);

// Lists inside one value.
std::string joined(const std::vector<std::string>& parts);
template <class Visit>
void for_each_part(std::string_view value, Visit visit);

struct Draft {
    Xapian::Document document;
    std::vector<std::string> spelled;  // whole words that typos are measured against
};

Draft draft_of(const catalog::Product& product, const CategoryPaths& paths, const Xapian::Stem& stem);

// What a stored document says.
std::string product_id_of(const Xapian::Document& document);
std::vector<std::string> spelled_of(const Xapian::Document& document);

inline constexpr char part_separator = '\x1e';  // can't be part of clean text

template <class Visit>
void for_each_part(std::string_view value, Visit visit) {
    while (!value.empty()) {
        const std::string_view part = value.substr(0, value.find(part_separator));
        visit(part);
        value.remove_prefix(std::min(value.size(), part.size() + 1));
    }
}

}  // namespace search
