// Options (size, colour) and attributes: how they are kept, and the rules that tie a variant's values to its
// product.
#pragma once

#include "catalog/catalog.hpp"
#include "catalog/product_queries.hpp"

namespace catalog {

using TextMap = std::map<std::string, std::string>;

// As kept in a row.
TextMap text_map_from_row(std::string_view json);
std::vector<ProductOption> options_from_row(std::string_view json);

// attribute_pair()s: a product's attributes and the values of its options.
std::vector<std::string> attribute_pairs(const TextMap& attributes,
                                         const std::vector<ProductOption>& options);

core::Result<std::vector<ProductOption>> check_options(const std::vector<NewOption>& options);
core::Result<TextMap> check_attributes(const std::map<std::string, AttributeValue>& attributes);

// A variant has one value for each option, out of those that the product lists. `field` is where the values
// stand in the request.
core::Result<TextMap> check_variant_options(const std::vector<ProductOption>& options,
                                            const std::map<std::string, OptionValue>& values,
                                            const std::string& field);

// "Red / L": the values in the order of the product's options.
std::string joined_values(const std::vector<ProductOption>& options, const TextMap& values);

}  // namespace catalog
