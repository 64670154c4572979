#include "search/facets.hpp"

#include <algorithm>
#include <unordered_map>

namespace search {
namespace {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Tally = std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>>;

void count(Tally& tally, std::string_view value) {
    if (value.empty()) return;
    auto known = tally.find(value);
    if (known == tally.end()) known = tally.emplace(value, 0).first;
    ++known->second;
}

// 0, 1, 2, 5, 10, 20, 50…: where bands of prices begin. Answers the begin of the band and of the next one.
std::pair<std::int64_t, std::int64_t> band_of(std::int64_t amount) {
    std::int64_t ten = 1;
    while (amount / 10 >= ten)
        ten *= 10;
    if (amount < ten) return {0, ten};
    if (amount < 2 * ten) return {ten, 2 * ten};
    if (amount < 5 * ten) return {2 * ten, 5 * ten};
    return {5 * ten, 10 * ten};
}

// Sees every product that a query finds. What it looks at is what its facets need.
class Counter : public Xapian::MatchSpy {
public:
    explicit Counter(std::vector<Facet> facets) : facets_(std::move(facets)) {}

    void operator()(const Xapian::Document& document, double) override {
        ++total_;
        for (Facet facet : facets_) {
            switch (facet) {
                case Facet::brand: count(tallies_[Facet::brand], document.get_value(slot_brand)); break;
                case Facet::category:
                    count_parts(Facet::category, document.get_value(slot_categories));
                    break;
                case Facet::attributes:
                    count_parts(Facet::attributes, document.get_value(slot_attributes));
                    break;
                case Facet::price: count_price(document.get_value(slot_price)); break;
            }
        }
    }

    std::int64_t total() const { return total_; }
    const Tally& tally(Facet facet) { return tallies_[facet]; }
    const std::map<std::int64_t, std::int64_t>& prices() const { return prices_; }

private:
    void count_parts(Facet facet, const std::string& value) {
        Tally& tally = tallies_[facet];
        for_each_part(value, [&](std::string_view part) { count(tally, part); });
    }
    void count_price(const std::string& value) {
        ++prices_[band_of(static_cast<std::int64_t>(Xapian::sortable_unserialise(value))).first];
    }

    std::vector<Facet> facets_;
    std::int64_t total_ = 0;
    std::map<Facet, Tally> tallies_;
    std::map<std::int64_t, std::int64_t> prices_;  // by where the band begins
};

std::vector<FacetCount> most_frequent(std::vector<FacetCount> counts) {
    std::ranges::sort(counts, [](const FacetCount& a, const FacetCount& b) {
        return std::tie(b.count, a.label, a.value) < std::tie(a.count, b.label, b.value);
    });
    if (counts.size() > facet_values_max) counts.resize(facet_values_max);
    return counts;
}

std::vector<FacetCount> brands(const Tally& tally) {
    std::vector<FacetCount> counts;
    for (const auto& [brand, number] : tally)
        counts.push_back({brand, brand, number});
    return most_frequent(std::move(counts));
}

std::vector<FacetCount> categories(const Tally& tally, const CategoryPaths& paths) {
    std::vector<FacetCount> counts;
    for (const auto& [id, number] : tally) {
        auto path = paths.find(*core::CategoryId::from_text(id));
        if (path == paths.end()) continue;  // deleted a moment ago
        const catalog::CategoryLink& link = path->second.back();
        counts.push_back({link.slug, link.name, number});
    }
    return most_frequent(std::move(counts));
}

std::vector<FacetCount> prices(const std::map<std::int64_t, std::int64_t>& bands) {
    std::vector<FacetCount> counts;
    for (auto [begin, number] : bands) {
        const std::string value = std::to_string(begin) + "-" + std::to_string(band_of(begin).second - 1);
        counts.push_back({value, value, number});
    }
    return counts;
}

std::string attribute_facet(std::string_view name) {
    return "attributes[" + std::string(name) + "]";
}

// With `only`, the values of this attribute.
void add_attributes(FacetCounts& facets, const Tally& tally, std::optional<std::string_view> only = {}) {
    std::map<std::string, std::vector<FacetCount>> by_name;
    for (const auto& [pair, number] : tally) {
        const std::size_t end = pair.find('\n');
        const std::string name = pair.substr(0, end);
        const std::string value = pair.substr(end + 1);
        if (!only || name == *only) by_name[attribute_facet(name)].push_back({value, value, number});
    }
    for (auto& [name, counts] : by_name)
        facets[name] = most_frequent(std::move(counts));
}

// One walk over what the query finds, for facets that see it under the same filters.
void walk(const Xapian::Database& database, const Xapian::Query& query, Counter& counter) {
    Xapian::Enquire enquire(database);
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.set_query(query);
    enquire.add_matchspy(&counter);
    enquire.get_mset(0, 0, database.get_doccount());
    enquire.clear_matchspies();
}

}  // namespace

Counted count_facets(const Xapian::Database& database, const Xapian::Query& query, const Filters& filters,
                     const std::vector<Facet>& facets, const CategoryPaths& paths) {
    Counted counted;
    auto add = [&](Facet facet, Counter& counter) {
        switch (facet) {
            case Facet::brand: counted.facets["brand"] = brands(counter.tally(facet)); break;
            case Facet::category: counted.facets["category"] = categories(counter.tally(facet), paths); break;
            case Facet::price: counted.facets["price"] = prices(counter.prices()); break;
            case Facet::attributes: add_attributes(counted.facets, counter.tally(facet)); break;
        }
    };
    // Attributes see each other's filters: those that aren't filtered by are counted with the rest.
    auto is_under_all = [&](Facet facet) { return facet == Facet::attributes || !filters.concern(facet); };
    std::vector<Facet> under_all;
    std::ranges::copy_if(facets, std::back_inserter(under_all), is_under_all);
    Counter main(under_all);
    walk(database, filters.on(query), main);
    counted.total = main.total();
    for (Facet facet : facets) {
        if (is_under_all(facet)) {
            add(facet, main);
        } else {
            Counter own({facet});
            walk(database, filters.without(facet).on(query), own);
            add(facet, own);
        }
        if (facet != Facet::attributes) continue;
        for (const auto& [name, term] : filters.attributes) {
            Counter own({facet});
            walk(database, filters.without(facet, name).on(query), own);
            counted.facets.erase(attribute_facet(name));
            add_attributes(counted.facets, own.tally(facet), name);
        }
    }
    return counted;
}

}  // namespace search
