#include "search/matching.hpp"

namespace search {
namespace {

using catalog::ProductSort;
using Xapian::Query;

// BM25 (Robertson and others): k1 says how soon a second occurrence stops to count (title words are written
// with weight 4), b how much a long document loses.
constexpr double bm25_k1 = 1.2;
constexpr double bm25_k2 = 0;
constexpr double bm25_k3 = 1;
constexpr double bm25_b = 0.6;
constexpr double bm25_length_min = 0.5;

// Products that have every word are shown alone if they fill a page; fewer are followed by those with some.
constexpr Xapian::doccount enough = 10;

// What being in stock is worth: about half of a rare word of the title.
constexpr double in_stock_weight = 2;

Query preferring_stock(const Query& query) {
    auto* weight = new Xapian::FixedWeightPostingSource(in_stock_weight);
    const Query stocked(Query::OP_AND_NOT, Query(weight->release()), Query(std::string(term_sold_out)));
    return Query(Query::OP_AND_MAYBE, query, stocked);
}

void set_order(Xapian::Enquire& enquire, ProductSort::Key key) {
    switch (key) {
        case ProductSort::Key::relevance: return;
        case ProductSort::Key::newest: return enquire.set_sort_by_value(slot_created, true);
        case ProductSort::Key::oldest: return enquire.set_sort_by_value(slot_created, false);
        case ProductSort::Key::cheapest: return enquire.set_sort_by_value(slot_price, false);
        case ProductSort::Key::dearest: return enquire.set_sort_by_value(slot_price, true);
        case ProductSort::Key::title: return enquire.set_sort_by_value(slot_title, false);
    }
}

void take(Hits& hits, const Xapian::MSet& found, std::int64_t count) {
    for (auto hit = found.begin(); hit != found.end(); ++hit) {
        if (static_cast<std::int64_t>(hits.product_ids.size()) == count) {
            hits.has_more = true;
            return;
        }
        hits.product_ids.push_back(product_id_of(hit.get_document()));
    }
}

}  // namespace

Hits find(const Index::Reader& reader, const Understood& understood, const Filters& filters,
          const ProductSort& sort, std::int64_t first, std::int64_t count) {
    Xapian::Enquire enquire(reader.database);
    enquire.set_weighting_scheme(Xapian::BM25Weight(bm25_k1, bm25_k2, bm25_k3, bm25_b, bm25_length_min));
    set_order(enquire, sort.key());
    const bool by_relevance = sort.key() == ProductSort::Key::relevance;
    Hits hits;
    auto page_of = [&](const Query& query) {
        hits.query = query;
        enquire.set_query(filters.on(by_relevance ? preferring_stock(query) : query));
        return enquire.get_mset(static_cast<Xapian::doccount>(first),
                                static_cast<Xapian::doccount>(count + 1), enough);
    };
    Xapian::MSet found;
    if (understood.differ) found = page_of(understood.all);
    if (found.get_matches_lower_bound() < enough) found = page_of(understood.any);
    take(hits, found, count);
    return hits;
}

Hits find_alike(const Index::Reader& reader, const std::vector<std::string>& terms, const Query& among,
                std::int64_t count) {
    Xapian::Enquire enquire(reader.database);
    const Query words(Query::OP_OR, terms.begin(), terms.end());
    enquire.set_query(Query(Query::OP_AND_MAYBE, Query(Query::OP_SCALE_WEIGHT, among, 0), words));
    Hits hits;
    take(hits, enquire.get_mset(0, static_cast<Xapian::doccount>(count)), count);
    return hits;
}

}  // namespace search
