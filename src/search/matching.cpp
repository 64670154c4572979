#include "search/matching.hpp"

#include <algorithm>
#include <ranges>

namespace search {
namespace {

using catalog::ProductSort;
using Xapian::Query;

// BM25 (Robertson and others): k1 says how soon a second occurrence stops to count (title words are written
// with weight 4). What a long document loses was taken from it when it was written (document.cpp).
constexpr double bm25_k1 = 1.2;
constexpr double bm25_k2 = 0;
constexpr double bm25_k3 = 1;
constexpr double bm25_b = 0;
constexpr double bm25_length_min = 0.5;

// Products that have every word are shown alone if they fill a page; fewer are followed by those with some.
constexpr Xapian::doccount enough = 10;

// What being in stock is worth: about half of a rare word of the title.
constexpr double in_stock_weight = 2 * (bm25_k1 * weight_unit + 1) / (bm25_k1 + 1);

Xapian::Enquire enquire_of(const Index::Reader& reader) {
    Xapian::Enquire enquire(reader.database);
    enquire.set_weighting_scheme(
        Xapian::BM25Weight(bm25_k1 * weight_unit, bm25_k2, bm25_k3, bm25_b, bm25_length_min));
    return enquire;
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

struct Hit {
    double weight;
    Xapian::docid id;
};

struct Ranked {
    std::vector<Hit> hits;
    Xapian::doccount matches_min = 0;  // of all that was found
};

Ranked ranked(Xapian::Enquire& enquire, const Query& query, Xapian::doccount first, Xapian::doccount count) {
    enquire.set_query(query);
    const Xapian::MSet found = enquire.get_mset(first, count, enough);
    Ranked list{{}, found.get_matches_lower_bound()};
    for (auto hit = found.begin(); hit != found.end(); ++hit)
        list.hits.push_back({hit.get_weight(), *hit});
    return list;
}

// What is sold out is ranked by itself and merged into the rest: a preference in the query would be asked of
// all that it finds.
Ranked ranked_by_stock(Xapian::Enquire& enquire, const Query& query, Filters filters, Xapian::doccount first,
                       Xapian::doccount count) {
    filters.in_stock = true;
    Ranked list = ranked(enquire, filters.on(query), 0, first + count);
    for (Hit& hit : list.hits)
        hit.weight += in_stock_weight;
    filters.in_stock = false;
    const Ranked sold_out = ranked(enquire, filters.on(query), 0, first + count);
    std::vector<Hit> both;
    std::ranges::merge(list.hits, sold_out.hits, std::back_inserter(both), std::greater(), &Hit::weight,
                       &Hit::weight);
    both.resize(std::min<std::size_t>(both.size(), first + count));
    both.erase(both.begin(), both.begin() + std::min<std::ptrdiff_t>(first, std::ssize(both)));
    list.hits = std::move(both);
    list.matches_min += sold_out.matches_min;
    return list;
}

void take(Hits& hits, const Index::Reader& reader, const Ranked& found, std::size_t count) {
    hits.has_more = found.hits.size() > count;
    for (const Hit& hit : found.hits | std::views::take(count))
        hits.product_ids.push_back(product_id_of(reader.database.get_document(hit.id)));
}

}  // namespace

Hits find(const Index::Reader& reader, const Understood& understood, const Filters& filters,
          const ProductSort& sort, std::int64_t first, std::int64_t count) {
    Xapian::Enquire enquire = enquire_of(reader);
    set_order(enquire, sort.key());
    const bool prefers_stock = sort.key() == ProductSort::Key::relevance && !filters.in_stock;
    const auto from = static_cast<Xapian::doccount>(first);
    const auto one_more = static_cast<Xapian::doccount>(count + 1);
    Hits hits;
    auto page_of = [&](const Query& query) {
        hits.query = query;
        return prefers_stock ? ranked_by_stock(enquire, query, filters, from, one_more)
                             : ranked(enquire, filters.on(query), from, one_more);
    };
    Ranked found;
    if (understood.differ) found = page_of(understood.all);
    if (found.matches_min < enough) found = page_of(understood.any);
    take(hits, reader, found, static_cast<std::size_t>(count));
    return hits;
}

Hits find_alike(const Index::Reader& reader, const std::vector<std::string>& terms, const Query& among,
                std::int64_t count) {
    Xapian::Enquire enquire = enquire_of(reader);
    const Query words(Query::OP_OR, terms.begin(), terms.end());
    const Query query(Query::OP_AND_MAYBE, Query(Query::OP_SCALE_WEIGHT, among, 0), words);
    Hits hits;
    take(hits, reader, ranked(enquire, query, 0, static_cast<Xapian::doccount>(count)),
         static_cast<std::size_t>(count));
    return hits;
}

}  // namespace search
