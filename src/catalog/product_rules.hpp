// Parts of the rules of products that both single changes and whole ones (put.hpp) are made of. They expect
// the catalogue's lock to be held. Only for this folder's own .cpp files.
#pragma once

#include "catalog/product_queries.hpp"

namespace catalog {

// Categories and all above them, each with the one that it stands in.
using CategoryParents = std::map<core::CategoryId, std::optional<core::CategoryId>>;
CategoryParents parents_of_categories(store::Tx& tx, const std::vector<core::CategoryId>& ids);

// Where a product stands that is put into these. 422 at /category_ids if there are too many or `parents`
// lacks one.
core::Result<queries::Places> check_categories(const CategoryParents& parents,
                                               const std::vector<core::CategoryId>& ids);

// A new product with its variants, their opening stock, its place in categories and its event.
core::Result<queries::ProductRow> insert_whole_product(store::Tx& tx, const core::Caller& caller,
                                                       const NewProduct& product,
                                                       const CategoryParents& parents);

// What the filter index says of attributes and options.
void replace_pairs(store::Tx& tx, const queries::ProductRow& before, const queries::ProductRow& after);

// Category lists and their counts follow status, price, title and membership. Comes after the product's own
// update. `categories`: where it stands from now on, if that changes.
void follow_in_categories(store::Tx& tx, const queries::ProductRow& before, const queries::ProductRow& after,
                          const std::optional<queries::Places>& categories);

}  // namespace catalog
