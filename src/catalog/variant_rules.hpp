// What must hold of a product's variants, however they come in. Only for this folder's own .cpp files.
#pragma once

#include "catalog/product_queries.hpp"

namespace catalog {

// The row of a new variant; its position is the caller's to fill in. `field` is where it stands in the
// request.
core::Result<queries::VariantRow> check_variant(store::Tx& tx, const NewVariant& variant,
                                                core::ProductId product,
                                                const std::vector<ProductOption>& options,
                                                core::Currency currency, const std::string& field);

core::Result<void> check_currency(const core::Price& price, core::Currency currency,
                                  const std::string& field);

// No two variants of a product have the same option values.
core::Result<void> check_distinct(const std::vector<queries::VariantRow>& variants);

}  // namespace catalog
