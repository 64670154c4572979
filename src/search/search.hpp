// Finding products by words: lists with a query, facets, suggestions while somebody types, and what goes with
// a product. Words and facets come from an index of this node's own (a Xapian database that follows the event
// log); what is shown is always read from the store.
//
// The program makes one Search, adds its routes and jobs, and starts it when it serves.
#pragma once

#include "search/synonyms.hpp"

#include "async/pool.hpp"
#include "catalog/catalog.hpp"
#include "http/api.hpp"
#include "jobs/runner.hpp"

#include <filesystem>

namespace search {

inline constexpr std::size_t facet_values_max = 100;       // the most frequent ones are shown
inline constexpr std::int64_t results_depth_max = 10'000;  // results behind that are not paged to
inline constexpr std::size_t suggestions_max = 5;          // of each kind: what fits under a search field
inline constexpr std::int64_t related_max = 12;            // a row or two on a product's page

enum class Facet { brand, category, price, attributes };
BOOST_DESCRIBE_ENUM(Facet, brand, category, price, attributes)

// "brand,category": what to count.
class Facets {
public:
    static core::Checked<Facets> from_text(std::string_view text);
    std::string_view text() const { return text_; }
    const std::vector<Facet>& list() const { return list_; }
    static boost::json::object schema();

private:
    std::string text_;
    std::vector<Facet> list_;
};

struct ProductSearch : catalog::ProductQuery {
    bool has_words() const { return q && !q->text().empty(); }

    std::optional<core::SearchText> q;
    std::optional<Facets> facets;
};
BOOST_DESCRIBE_STRUCT(ProductSearch, (catalog::ProductQuery), (q, facets))

// What a filter of that value would leave. `value` is what the filter takes; a band of prices is
// "price_min-price_max" in minor units.
struct FacetCount {
    std::string value;
    std::string label;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(FacetCount, (), (value, label, count))

struct FoundProducts {
    std::vector<catalog::Product> data;
    bool has_more = false;
    std::optional<std::string> next_cursor;
    std::optional<std::int64_t> total;  // exact; given with facets
    // By the name of the filter: "brand", "attributes[Color]". A facet's own filter doesn't narrow its
    // counts.
    std::optional<std::map<std::string, std::vector<FacetCount>>> facets;
    std::optional<std::string> did_you_mean;  // what was looked for instead of a query with a typo
};
BOOST_DESCRIBE_STRUCT(FoundProducts, (), (data, has_more, next_cursor, total, facets, did_you_mean))

struct SuggestQuery {
    core::SearchText q;
};
BOOST_DESCRIBE_STRUCT(SuggestQuery, (), (q))

struct SuggestedProduct {
    core::ProductId id;
    std::string slug;
    std::string title;
    std::optional<std::string> image;
    catalog::PriceRange price_range;
};
BOOST_DESCRIBE_STRUCT(SuggestedProduct, (), (id, slug, title, image, price_range))

struct Suggestions {
    std::vector<std::string> queries;
    std::vector<SuggestedProduct> products;
    std::vector<catalog::CategoryLink> categories;
};
BOOST_DESCRIBE_STRUCT(Suggestions, (), (queries, products, categories))

struct RelatedProducts {
    std::vector<catalog::Product> data;  // bought together with it first, then like it
};
BOOST_DESCRIBE_STRUCT(RelatedProducts, (), (data))

struct Settings {
    std::filesystem::path folder;
    std::string language;  // of the stemmer: "english", "german"… or "none"
    unsigned threads = 2;
};

// Languages that words can be stemmed in.
std::vector<std::string> languages();

class Search {
public:
    // `changed` is called when new results can be found, on a thread of its own.
    Search(Settings settings, store::Database& database, std::function<void()> changed);
    ~Search();

    // Begins to follow the event log, and to build the index if there is none. After the migrations.
    void start();
    void stop();
    // Until everything committed can be found, on the calling thread. Instead of start(), for tests.
    void catch_up();

    // Searches that run or wait.
    std::size_t searching() const;

    void add_routes(http::Api& api);
    std::vector<jobs::Follower> followers();

    core::Result<FoundProducts> find_products(store::Tx& tx, const core::Caller& caller,
                                              const ProductSearch& query) const;
    core::Result<Suggestions> suggest(store::Tx& tx, const core::Caller& caller,
                                      const SuggestQuery& query) const;
    core::Result<RelatedProducts> list_related(store::Tx& tx, const core::Caller& caller,
                                               const catalog::ProductAddress& address) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace search
