// Suggestions while somebody types: what they may be about to type, products and categories.
#include "search/matching.hpp"
#include "search/state.hpp"
#include "search/words.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

namespace search {
namespace {

constexpr int endings_read_max = 2000;  // words that begin alike, before the most frequent are taken

struct Ending {
    Xapian::doccount frequency = 0;
    std::string word;
};

// Words of titles, brands and categories that begin so, the most frequent first, one for each stem.
std::vector<std::string> endings(const Index::Reader& reader, const std::string& prefix) {
    std::vector<Ending> found;
    auto word = reader.database.spellings_begin();
    word.skip_to(prefix);
    for (int i = 0; i < endings_read_max && word != reader.database.spellings_end(); ++i, ++word) {
        if (!(*word).starts_with(prefix)) break;
        found.push_back({word.get_termfreq(), *word});
    }
    std::ranges::sort(found, [](const Ending& a, const Ending& b) {
        return std::tie(b.frequency, a.word) < std::tie(a.frequency, b.word);
    });
    std::unordered_set<std::string> stems;
    std::vector<std::string> words;
    for (const Ending& ending : found) {
        if (stems.insert(reader.stem(ending.word)).second) words.push_back(ending.word);
    }
    return words;
}

bool finds_something(const Index::Reader& reader, const std::vector<std::string>& terms,
                     const Filters& filters) {
    Xapian::Enquire enquire(reader.database);
    enquire.set_weighting_scheme(Xapian::BoolWeight());
    enquire.set_query(filters.on(Xapian::Query(Xapian::Query::OP_AND, terms.begin(), terms.end())));
    return !enquire.get_mset(0, 1).empty();
}

// "electric kett" → "electric kettle": only what finds something.
std::vector<std::string> completions(const Index::Reader& reader, std::string_view text,
                                     const Filters& filters) {
    std::vector<Word> words = words_of(text);
    if (words.empty() || words.size() > query_words_max || !words.back().is_plain) return {};
    std::vector<std::string> terms;
    std::string typed;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        terms.push_back(words[i].is_plain ? reader.stem(words[i].text) : words[i].text);
        typed += words[i].text + " ";
    }
    terms.emplace_back();
    std::vector<std::string> queries;
    constexpr std::size_t tries_max = 4 * suggestions_max;
    std::size_t tries = 0;
    for (const std::string& ending : endings(reader, words.back().text)) {
        if (queries.size() == suggestions_max || ++tries > tries_max) break;
        terms.back() = reader.stem(ending);
        if (finds_something(reader, terms, filters)) queries.push_back(typed + ending);
    }
    return queries;
}

// Every word begins a word of the category's name.
bool is_named(const std::vector<std::string>& name, const std::vector<Word>& words) {
    return std::ranges::all_of(words, [&](const Word& word) {
        return std::ranges::any_of(name,
                                   [&](const std::string& part) { return part.starts_with(word.text); });
    });
}

std::vector<catalog::CategoryLink> categories(const Book& book, std::string_view text) {
    std::vector<catalog::CategoryLink> found;
    const std::vector<Word> words = words_of(text);
    if (words.empty()) return found;
    for (const auto& [id, name] : book.category_words) {
        if (is_named(name, words)) found.push_back(book.paths.at(id).back());
    }
    // Short names are the broad categories.
    auto by_length = [](const catalog::CategoryLink& link) { return std::pair(link.name.size(), link.name); };
    std::ranges::sort(found, {}, by_length);
    if (found.size() > suggestions_max) found.resize(suggestions_max);
    return found;
}

SuggestedProduct suggested(catalog::Product product) {
    SuggestedProduct short_form{
        product.id, std::move(product.slug), std::move(product.title), {}, product.price_range};
    if (!product.images.empty()) short_form.image = product.images.front().urls.small;
    return short_form;
}

}  // namespace

core::Result<Suggestions> Search::suggest(store::Tx& tx, const core::Caller&,
                                          const SuggestQuery& query) const {
    const auto book = state_->indexer.book();
    const core::Caller anybody;
    auto filters = filters_of(tx, anybody, {});
    if (!filters) return std::unexpected(std::move(filters.error()));
    Suggestions suggestions;
    suggestions.categories = categories(*book, query.q.text());
    const auto by_relevance = *catalog::ProductSort::from_text("relevance");
    Hits hits = state_->index.read([&](const Index::Reader& reader) {
        suggestions.queries = completions(reader, query.q.text(), *filters);
        Understood typed;
        typed.any = beginning(reader, query.q.text());
        Hits begun = find(reader, typed, *filters, by_relevance, 0, suggestions_max);
        if (!begun.product_ids.empty()) return begun;
        const Understood corrected = understand(reader, *book, query.q.text());
        if (corrected.did_you_mean && suggestions.queries.empty())
            suggestions.queries.push_back(*corrected.did_you_mean);
        return find(reader, corrected, *filters, by_relevance, 0, suggestions_max);
    });
    for (catalog::Product& product : catalog::list_products_by_id(tx, anybody, hits.product_ids))
        suggestions.products.push_back(suggested(std::move(product)));
    return suggestions;
}

}  // namespace search
