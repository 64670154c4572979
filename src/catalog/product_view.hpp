// Rows put together into what clients see. Only for this folder's own .cpp files.
#pragma once

#include "catalog/product_queries.hpp"

namespace catalog {

// The same number of statements for one product as for a page of them. Keeps the order of the rows.
std::vector<Product> products_of(store::Tx& tx, const std::vector<queries::ProductRow>& rows);

Variant variant_of(const queries::VariantRow& row, const queries::ProductRow& product,
                   const std::vector<ProductOption>& options);

// May this caller see products that are not for sale?
inline bool sees_all(const core::Caller& caller) {
    return caller.may(core::Permission::catalog_write);
}

// A product this caller may see.
core::Result<queries::ProductRow> get_product_row(store::Tx& tx, const core::Caller& caller,
                                                  const ProductReference& reference);

}  // namespace catalog
