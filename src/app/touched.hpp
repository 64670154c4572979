// Which kept answers an event concerns: the one list of it, for all who must know.
#pragma once

#include "store/tx.hpp"

#include <string_view>

namespace app {

// Lists of products are kept under the one subject "catalog": any of these may change them.
inline bool changes_product_lists(std::string_view event_type) {
    return event_type.starts_with("product.") || event_type.starts_with("stock.") ||
           event_type.starts_with("media.");
}

// `changes` has announce(subject) and announce_all(), as http::Changes.
template <class Changes>
void announce_to(Changes& changes, std::string_view event_type, std::string_view subject) {
    // A category's name and place stand in the products of it. Staff change them rarely.
    if (event_type.starts_with("category.")) changes.announce_all();
    changes.announce(subject);
    if (changes_product_lists(event_type)) changes.announce("catalog");
}

}  // namespace app
