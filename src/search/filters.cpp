#include "search/filters.hpp"

namespace search {

using Xapian::Query;

bool Filters::concern(Facet facet) const {
    switch (facet) {
        case Facet::brand: return brand.has_value();
        case Facet::category: return category.has_value();
        case Facet::price: return price_min || price_max;
        case Facet::attributes: return !attributes.empty();
    }
    return false;
}

Filters Filters::without(Facet facet, const std::string& attribute) const {
    Filters rest = *this;
    switch (facet) {
        case Facet::brand: rest.brand.reset(); break;
        case Facet::category: rest.category.reset(); break;
        case Facet::price:
            rest.price_min.reset();
            rest.price_max.reset();
            break;
        case Facet::attributes: rest.attributes.erase(attribute); break;
    }
    return rest;
}

Query Filters::on(const Query& query) const {
    auto value = [](std::int64_t amount) { return Xapian::sortable_serialise(static_cast<double>(amount)); };
    std::vector<Query> parts;
    std::vector<Query> excluded;
    using catalog::ProductStatus;
    for (ProductStatus hidden : {ProductStatus::draft, ProductStatus::archived}) {
        const std::string term = std::string(prefix_hidden) + boost::describe::enum_to_string(hidden, "");
        if (status == hidden) parts.emplace_back(term);
        if (status == ProductStatus::active) excluded.emplace_back(term);
    }
    if (in_stock) (*in_stock ? excluded : parts).emplace_back(std::string(term_sold_out));
    if (brand) parts.emplace_back(*brand);
    if (category) parts.emplace_back(*category);
    for (const auto& [name, term] : attributes)
        parts.emplace_back(term);
    if (price_min) parts.emplace_back(Query::OP_VALUE_GE, slot_price, value(*price_min));
    if (price_max) parts.emplace_back(Query::OP_VALUE_LE, slot_price, value(*price_max));
    Query filtered = query;
    if (!parts.empty())
        filtered = Query(Query::OP_FILTER, filtered, Query(Query::OP_AND, parts.begin(), parts.end()));
    if (excluded.empty()) return filtered;
    return Query(Query::OP_AND_NOT, filtered, Query(Query::OP_OR, excluded.begin(), excluded.end()));
}

core::Result<Filters> filters_of(store::Tx& tx, const core::Caller& caller,
                                 const catalog::ProductQuery& query) {
    using catalog::ProductStatus;
    const bool sees_all = caller.may(core::Permission::catalog_write);
    Filters filters;
    auto status = query.status;
    if (!sees_all) {
        if (status.value_or(ProductStatus::active) != ProductStatus::active)
            return core::fail(core::ErrorCode::forbidden,
                              "Only staff may list products that are not active.");
        status = ProductStatus::active;
    }
    filters.status = status;
    filters.in_stock = query.in_stock;
    if (query.price_min) filters.price_min = *query.price_min;
    if (query.price_max) filters.price_max = *query.price_max;
    if (query.brand) filters.brand = exact_term(prefix_brand, query.brand->text());
    if (query.category) {
        auto id = catalog::find_category_id(tx, *query.category);
        // Of a category that doesn't exist: a term that no product has.
        filters.category = std::string(prefix_category) + (id ? id->str() : "");
    }
    for (const auto& [name, value] : query.attributes)
        filters.attributes[name] = exact_term(prefix_attribute, catalog::attribute_pair(name, value.text()));
    return filters;
}

}  // namespace search
