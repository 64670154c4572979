// Which products a query finds, in which order. Only for this folder's own .cpp files.
#pragma once

#include "search/facets.hpp"
#include "search/query.hpp"

namespace search {

struct Hits {
    std::vector<std::string> product_ids;
    bool has_more = false;
    Xapian::Query query;  // what was looked for in the end, without filters
};

// `first` counts from 0.
Hits find(const Index::Reader& reader, const Understood& understood, const Filters& filters,
          const catalog::ProductSort& sort, std::int64_t first, std::int64_t count);

// Products with words of this text, the nearest first.
Hits find_alike(const Index::Reader& reader, const std::vector<std::string>& terms,
                const Xapian::Query& among, std::int64_t count);

}  // namespace search
