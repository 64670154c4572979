// Counting what the products of a query have. Only for this folder's own .cpp files.
#pragma once

#include "search/filters.hpp"

namespace search {

using FacetCounts = std::map<std::string, std::vector<FacetCount>>;

struct Counted {
    std::int64_t total = 0;
    FacetCounts facets;
};

// Exact counts over every product that `query` finds under the filters.
Counted count_facets(const Xapian::Database& database, const Xapian::Query& query, const Filters& filters,
                     const std::vector<Facet>& facets, const CategoryPaths& paths);

}  // namespace search
