// A document of the former shop as this shop takes it in: JSON of the very form that its own readers check
// (users as `kontor import users` reads them, catalog::PutProduct, orders::PastOrder), and what it refers to
// by old ids. Nothing here looks into the database. Only for this folder's own .cpp files.
#pragma once

#include "movein/fields.hpp"

namespace movein {

struct CategoryRef {
    std::string old_id;              // empty: a category by name only
    std::vector<std::string> names;  // from the root
};

// Old id to names from the root.
using CategoryPaths = std::map<std::string, std::vector<std::string>, std::less<>>;

// What products refer to by old ids. Kept apart: ids that are plain numbers mean something else in each
// collection.
struct NamesThere {
    CategoryPaths categories;
    CategoryPaths brands;  // only names
};

struct LineRefs {
    std::string product;  // old ids; empty: not said
    std::string variant;
    std::int64_t quantity = 0;  // of a cart's line
};

struct Translated {
    boost::json::object wanted;
    Remarks remarks;
    bool left_out = false;                 // a note says why
    std::vector<CategoryRef> categories;   // of a product
    std::vector<std::string> variant_ids;  // old ones, of a product's variants; empty: it has none
    std::string user;                      // old id of a cart's or an order's customer
    std::vector<LineRefs> lines;           // of a cart's or an order's lines
};

Translated translate_user(const boost::json::object& document, const Vocabulary& words,
                          std::string_view old_id);
Translated translate_category(const boost::json::object& document, const CategoryPaths& paths,
                              std::string_view old_id);
Translated translate_product(const boost::json::object& document, const Mapping& mapping,
                             const Vocabulary& words, const NamesThere& names, std::string_view old_id);
Translated translate_cart(const boost::json::object& document, const Vocabulary& words);
Translated translate_order(const boost::json::object& document, const Mapping& mapping,
                           const Vocabulary& words, std::string_view old_id);

// An address as users::PostalAddress; empty, with an error, where it can't be one.
std::optional<boost::json::object> translate_address(const boost::json::object& document,
                                                     const Mapping& mapping, const Names& names,
                                                     std::string_view called, Remarks& remarks);

// A category's name and its parent's old id, if it has one.
struct CategoryEntry {
    std::string name;
    std::string parent;
};
CategoryEntry category_entry(const boost::json::object& document, const Vocabulary& words, Remarks& remarks);
// Paths out of entries by old id. One in a circle of parents stands at the top.
CategoryPaths category_paths(const std::map<std::string, CategoryEntry, std::less<>>& entries);

}  // namespace movein
