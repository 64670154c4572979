// The filters of a product list, as queries of the index. Only for this folder's own .cpp files.
#pragma once

#include "search/document.hpp"
#include "search/search.hpp"

namespace search {

struct Filters {
    std::vector<std::string> terms;  // all of these…
    std::optional<bool> in_stock;
    std::optional<std::int64_t> price_min;
    std::optional<std::int64_t> price_max;
    // …and these, which the facet of the same name leaves out.
    std::optional<std::string> brand;
    std::optional<std::string> category;
    std::map<std::string, std::string> attributes;  // by name

    bool concern(Facet facet) const;
    // `query` where they hold. With `besides`, all but those that this facet counts.
    Xapian::Query on(const Xapian::Query& query, std::optional<Facet> besides = {}) const;
};

// The status as the caller may see it. Errors as catalog::list_products has them: forbidden.
core::Result<Filters> filters_of(store::Tx& tx, const core::Caller& caller,
                                 const catalog::ProductQuery& query);

}  // namespace search
