#include "search/search.hpp"

#include "search/matching.hpp"
#include "search/state.hpp"

#include <charconv>
#include <sstream>

namespace search {
namespace {

using catalog::ProductSort;

constexpr const char* cursor_mark = "found";  // an id's place in cursors of searches: theirs are no lists'

std::unexpected<core::Error> refuse_cursor() {
    core::Error error{core::ErrorCode::invalid_parameter, "The cursor belongs to another list.", {}, {}};
    error.fields.push_back({"cursor", "invalid_cursor", "must be a next_cursor of this search"});
    return std::unexpected(std::move(error));
}

ProductSort sort_of(const ProductSearch& query) {
    return query.sort.value_or(*ProductSort::from_text("relevance"));
}

// How many results stand before the page.
core::Result<std::int64_t> first_of(const ProductSearch& query) {
    if (!query.cursor) return 0;
    const core::Cursor& cursor = *query.cursor;
    std::int64_t first = 0;
    const char* end = cursor.key.data() + cursor.key.size();
    auto [read_to, failed] = std::from_chars(cursor.key.data(), end, first);
    if (cursor.id != cursor_mark || cursor.order != sort_of(query).text() || failed != std::errc{} ||
        read_to != end || first < 0 || first > results_depth_max)
        return refuse_cursor();
    return first;
}

core::Result<FoundProducts> listed(store::Tx& tx, const core::Caller& caller, const ProductSearch& query) {
    auto list = catalog::list_products(tx, caller, query);
    if (!list) return std::unexpected(std::move(list.error()));
    return FoundProducts{std::move(list->data), list->has_more, std::move(list->next_cursor), {}, {}, {}};
}

void add_counts(FoundProducts& found, Counted counted) {
    found.total = counted.total;
    found.facets = std::move(counted.facets);
}

}  // namespace

core::Checked<Facets> Facets::from_text(std::string_view text) {
    Facets facets;
    facets.text_ = text;
    while (!text.empty()) {
        const std::string_view name = text.substr(0, text.find(','));
        // attributes[Color], as filters and counts are named, asks for them all.
        const bool is_attribute = name.starts_with("attributes[") && name.ends_with(']');
        auto facet = core::detail::enum_from_text<Facet>(is_attribute ? "attributes" : name);
        if (!facet) {
            return std::unexpected(core::Refusal{
                "invalid_value",
                "must be names separated by commas, out of brand, category, price, attributes"});
        }
        if (std::ranges::find(facets.list_, *facet) == facets.list_.end()) facets.list_.push_back(*facet);
        text.remove_prefix(std::min(text.size(), name.size() + 1));
    }
    return facets;
}

boost::json::object Facets::schema() {
    return {{"type", "string"},
            {"description", "what to count, separated by commas: brand, category, price, attributes"}};
}

std::vector<std::string> languages() {
    std::vector<std::string> names{"none"};
    std::istringstream known(Xapian::Stem::get_available_languages());
    for (std::string name; known >> name;)
        names.push_back(name);
    return names;
}

Search::Search(Settings settings, store::Database& database, std::function<void()> changed)
    : state_(std::make_unique<State>(std::move(settings), database, std::move(changed))) {}

Search::~Search() {
    stop();
}

void Search::start() {
    state_->indexer.start();
}

void Search::stop() {
    state_->indexer.stop();
    state_->pool.stop();
}

std::size_t Search::searching() const {
    return state_->pool.waiting();
}

void Search::catch_up() {
    state_->indexer.catch_up();
}

core::Result<FoundProducts> Search::find_products(store::Tx& tx, const core::Caller& caller,
                                                  const ProductSearch& query) const {
    if (!query.has_words() && !query.facets) return listed(tx, caller, query);
    auto filters = filters_of(tx, caller, query);
    if (!filters) return std::unexpected(std::move(filters.error()));
    const auto book = state_->indexer.book();
    const auto wanted = query.facets ? query.facets->list() : std::vector<Facet>{};

    if (!query.has_words()) {
        auto found = listed(tx, caller, query);
        if (!found) return found;
        add_counts(*found, state_->index.read([&](const Index::Reader& reader) {
            return count_facets(reader.database, Xapian::Query::MatchAll, *filters, wanted, book->paths);
        }));
        return found;
    }

    auto first = first_of(query);
    if (!first) return std::unexpected(std::move(first.error()));
    const std::int64_t limit = query.limit.value_or(core::page_limit_default);
    FoundProducts found;
    Hits hits = state_->index.read([&](const Index::Reader& reader) {
        Understood understood = understand(reader, *book, query.q->text());
        Hits of_page = find(reader, understood, *filters, sort_of(query), *first, limit);
        found.did_you_mean = std::move(understood.did_you_mean);
        if (query.facets)
            add_counts(found, count_facets(reader.database, of_page.query, *filters, wanted, book->paths));
        return of_page;
    });
    // What was deleted or hidden a moment ago is left out here.
    found.data = catalog::list_products_by_id(tx, caller, hits.product_ids);
    found.has_more = hits.has_more && *first + limit <= results_depth_max;
    if (found.has_more) {
        found.next_cursor =
            core::Cursor{std::string(sort_of(query).text()), std::to_string(*first + limit), cursor_mark}
                .text();
    }
    return found;
}

}  // namespace search
