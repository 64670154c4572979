// The filters of a product list, as queries of the index. Only for this folder's own .cpp files.
#pragma once

#include "search/document.hpp"
#include "search/search.hpp"

namespace search {

struct Filters {
    std::optional<catalog::ProductStatus> status;
    std::optional<bool> in_stock;
    std::optional<std::int64_t> price_min;
    std::optional<std::int64_t> price_max;
    // These the facet of the same name leaves out: of attributes[Color], the filter of that name only.
    std::optional<std::string> brand;
    std::optional<std::string> category;
    std::map<std::string, std::string> attributes;  // by name

    bool concern(Facet facet) const;
    // All but those that a facet counts: of attributes, the one of this name.
    Filters without(Facet facet, const std::string& attribute = {}) const;
    // `query` where they hold.
    Xapian::Query on(const Xapian::Query& query) const;
};

// The status as the caller may see it. Errors as catalog::list_products has them: forbidden.
core::Result<Filters> filters_of(store::Tx& tx, const core::Caller& caller,
                                 const catalog::ProductQuery& query);

}  // namespace search
