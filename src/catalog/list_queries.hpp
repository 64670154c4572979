// The SQL of product lists: one statement for each way to walk and each sort. Only for this folder's own .cpp
// files.
#pragma once

#include "catalog/product_queries.hpp"

namespace catalog::queries {

// What list() looks for, ready for SQL: absent filters hold values that match everything.
struct ListFilter {
    ProductSort sort;
    std::int64_t after_number = 0;  // the sort key behind which the page begins: created_at or price_min …
    std::string after_text;         // … or title_key
    std::string after_id;
    std::int64_t row_count = 0;
    std::optional<core::CategoryId> category_id;
    std::optional<std::string> brand;
    std::int64_t price_min = 0;
    std::int64_t price_max = core::amount_max;
    std::optional<bool> in_stock;
    std::vector<std::string> pairs;  // attribute_pair()s that a product must all have
};

// The ids that the narrowest of the filters without a sort of its own lets through, if those are few.
std::optional<std::vector<std::string>> find_few(store::Tx& tx, const ListFilter& filter,
                                                 const std::vector<ProductStatus>& statuses);

// A page out of these products only, sorted here and now.
std::vector<ProductRow> list_among(store::Tx& tx, const ListFilter& filter,
                                   const std::vector<ProductStatus>& statuses,
                                   const std::vector<std::string>& ids);

// A page out of all products, a brand's or a category's, along the index of the sort.
std::vector<ProductRow> list_along_index(store::Tx& tx, const ListFilter& filter, ProductStatus status);

}  // namespace catalog::queries
