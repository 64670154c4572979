// Parts of the rules of products that both single changes and whole ones (put.hpp) are made of. They expect
// the catalogue's lock to be held. Only for this folder's own .cpp files.
#pragma once

#include "catalog/product_queries.hpp"

namespace catalog {

// A new product with its variants, their opening stock, its place in categories and its event.
core::Result<queries::ProductRow> insert_whole_product(store::Tx& tx, const core::Caller& caller,
                                                       const NewProduct& product);

// The ids, each once. 422 at /category_ids if there are too many or one doesn't exist.
core::Result<std::vector<std::string>> check_categories(store::Tx& tx,
                                                        const std::vector<core::CategoryId>& ids);

// What the filter index says of attributes and options.
void replace_pairs(store::Tx& tx, const queries::ProductRow& before, const queries::ProductRow& after);

// Category lists and their counts follow status, price, title and membership. Comes after the product's own
// update. `categories`: where it stands from now on, if that changes.
void follow_in_categories(store::Tx& tx, const queries::ProductRow& before, const queries::ProductRow& after,
                          const std::optional<std::vector<std::string>>& categories);

}  // namespace catalog
