#include "search/query.hpp"

#include "search/words.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace search {
namespace {

using Xapian::Query;

constexpr double neighbours_weight = 0.4;  // two words of the query side by side in a title
constexpr double joined_weight = 0.8;      // "head board" found as "headboard"
// A rare word says more than a frequent one, but not as much more as BM25 has it for short titles: a number
// that few products have is no better than the name of the thing.
constexpr double rarity_exponent = 0.65;
constexpr double rarity_unit = 5;  // of a word of middling rarity, whose weight stays
constexpr double sku_weight = 5;   // an article number means that article
constexpr std::size_t typo_length_min = 3;
constexpr std::size_t two_typos_length_min = 5;  // shorter words are two letters away from too many others
constexpr std::size_t split_part_min = 3;
constexpr double split_share = 0.2;  // of the correction's frequency that makes a split the better reading
constexpr std::size_t prefix_length_min = 3;
constexpr Xapian::termcount any_words_max = 16;
constexpr Xapian::termcount prefix_words_max = 50;  // the most frequent words that begin so

// A word of the query as it was read, with the ways to find it.
struct Asked {
    Word word;
    std::string term;
    bool is_prefix = false;
};

Query prefix_query(const std::string& prefix) {
    return Query(Query::OP_WILDCARD, prefix, prefix_words_max, Query::WILDCARD_LIMIT_MOST_FREQUENT,
                 Query::OP_SYNONYM);
}

bool begins_a_word(const Xapian::Database& database, const std::string& prefix) {
    return prefix.size() >= prefix_length_min &&
           database.allterms_begin(prefix) != database.allterms_end(prefix);
}

class Interpreter {
public:
    Interpreter(const Index::Reader& reader, const Book& book) : reader_(reader), book_(book) {}

    Understood run(std::string_view text) {
        const std::string rest = take_phrases(text);
        std::vector<Word> words = words_of(rest);
        if (words.size() > query_words_max) words.resize(query_words_max);
        for (std::size_t i = 0; i < words.size(); ++i)
            ask(std::move(words[i]), i + 1 == words.size());
        Understood understood;
        if (corrected_) understood.did_you_mean = as_read(rest);
        add_words();
        add_skus(text);
        if (any_.empty() && phrases_.empty()) return understood;
        understood.any = with_phrases(any_word());
        understood.all = with_phrases(all_words());
        understood.differ = all_.size() > 1;
        return understood;
    }

private:
    // Of a long text its rarest words: the frequent ones cost the most and say the least.
    Query any_word() const {
        if (any_.size() <= any_words_max) return Query(Query::OP_OR, any_.begin(), any_.end());
        return Query(Query::OP_ELITE_SET, any_.begin(), any_.end(), any_words_max);
    }

    // Where every word has one way to be found, its weight is counted on the way: each list is walked once.
    // Else `any` ranks.
    Query all_words() const {
        if (has_other_ways_ || !skus_.empty()) {
            const Query all = with_skus(Query(Query::OP_AND, all_.begin(), all_.end()));
            return Query(Query::OP_FILTER, any_word(), all);
        }
        Query all(Query::OP_AND, all_.begin(), all_.end());
        if (neighbours_.empty()) return all;
        return Query(Query::OP_AND_MAYBE, all, Query(Query::OP_OR, neighbours_.begin(), neighbours_.end()));
    }

    std::string term(const Word& word) const { return word.is_plain ? reader_.stem(word.text) : word.text; }
    // Asked several times of each term, and each asking of the index is a way down its tree.
    Xapian::doccount frequency(const std::string& term) const {
        auto [known, is_new] = frequencies_.try_emplace(term);
        if (is_new) known->second = reader_.database.get_termfreq(term);
        return known->second;
    }

    // "…" with space or an end around it; other quotation marks are inches. Answers what is outside.
    std::string take_phrases(std::string_view text) {
        std::string rest;
        while (!text.empty()) {
            const bool opens = text.front() == '"' && (rest.empty() || rest.back() == ' ');
            const std::size_t end = opens ? text.find('"', 1) : text.npos;
            if (end != text.npos && (end + 1 == text.size() || text[end + 1] == ' ')) {
                add_phrase(text.substr(1, end - 1));
                text.remove_prefix(end + 1);
            } else {
                rest += text.front();
                text.remove_prefix(1);
            }
        }
        return rest;
    }

    void add_phrase(std::string_view text) {
        std::vector<std::string> terms;
        for (const Word& word : words_of(text))
            terms.push_back(term(word));
        if (terms.size() > query_words_max) terms.resize(query_words_max);
        if (!terms.empty()) phrases_.emplace_back(Query::OP_PHRASE, terms.begin(), terms.end());
    }

    void ask(Word word, bool is_last) {
        std::string found = term(word);
        if (!word.is_plain || word.text.size() < typo_length_min || frequency(found) > 0 ||
            is_synonym(word)) {
            asked_.push_back({std::move(word), std::move(found)});
        } else if (is_last && begins_a_word(reader_.database, word.text)) {
            found = word.text;
            asked_.push_back({std::move(word), std::move(found), true});
        } else if (!ask_instead(word)) {
            asked_.push_back({std::move(word), std::move(found)});
        }
    }

    bool is_synonym(const Word& word) const {
        return std::ranges::any_of(book_.synonyms, [&](const SynonymGroup& group) {
            return std::ranges::any_of(
                group.words, [&](const Synonym& synonym) { return lower_case(synonym.text()) == word.text; });
        });
    }

    // A word that no product has: two words written as one, or a typo.
    bool ask_instead(const Word& word) {
        const unsigned distance = word.text.size() < two_typos_length_min ? 1 : 2;
        const std::string correction = reader_.database.get_spelling_suggestion(word.text, distance);
        const auto corrections = correction.empty() ? 0 : frequency(reader_.stem(correction));
        auto [at, splits] = best_split(word.text);
        if (splits > 0 && splits >= split_share * corrections) {
            for (std::string part : {word.text.substr(0, at), word.text.substr(at)}) {
                Word piece{std::move(part)};
                std::string found = term(piece);
                asked_.push_back({std::move(piece), std::move(found)});
            }
        } else if (corrections > 0) {
            asked_.push_back({{correction}, reader_.stem(correction)});
        } else {
            return false;
        }
        corrected_ = true;
        return true;
    }

    // Where the two halves stand side by side in the most titles.
    std::pair<std::size_t, Xapian::doccount> best_split(const std::string& text) const {
        std::pair<std::size_t, Xapian::doccount> best{0, 0};
        for (std::size_t at = split_part_min; at + split_part_min <= text.size(); ++at) {
            const std::string pair =
                std::string(prefix_joined) + reader_.stem(text.substr(0, at)) + reader_.stem(text.substr(at));
            best =
                std::max(best, {at, frequency(pair)}, [](auto& a, auto& b) { return a.second < b.second; });
        }
        return best;
    }

    std::string as_read(const std::string& rest) const {
        std::string text;
        for (const Asked& asked : asked_)
            text.append(text.empty() ? "" : " ").append(asked.word.text);
        return text.empty() ? rest : text;
    }

    void add_words() {
        for (std::size_t i = 0; i < asked_.size();) {
            if (std::size_t length = add_synonyms(i)) {
                i += length;
                continue;
            }
            const Asked& asked = asked_[i];
            Query word = asked.is_prefix ? prefix_query(asked.term) : Query(asked.term);
            const Query weighted(Query::OP_SCALE_WEIGHT, word, weight_of(asked));
            any_.push_back(weighted);
            if (i > 0 && !asked.word.is_overlapping) add_neighbours(asked_[i - 1], asked);
            const Query joined = joined_with_next(i);
            if (!joined.empty()) {
                has_other_ways_ = true;
                any_.push_back(Query(Query::OP_SCALE_WEIGHT, joined, joined_weight));
                all_.push_back(
                    Query(Query::OP_OR, Query(Query::OP_AND, word, Query(asked_[i + 1].term)), joined));
            } else if (i == 0 || joined_with_next(i - 1).empty()) {
                // A word that no product has can't be asked of all.
                if (asked.is_prefix || (frequency(asked.term) > 0 && !is_covered(i)))
                    all_.push_back(weighted);
            }
            ++i;
        }
    }

    // Every second gram of a run says where all its letters are, at half the cost.
    bool is_covered(std::size_t i) const {
        std::size_t begin = i;
        while (asked_[begin].word.is_overlapping)
            --begin;
        return (i - begin) % 2 == 1 && i + 1 < asked_.size() && asked_[i + 1].word.is_overlapping;
    }

    double weight_of(const Asked& asked) const {
        if (asked.is_prefix) return 1;
        const double having = std::max<double>(1, frequency(asked.term));
        const double rarity = std::log(1 + reader_.database.get_doccount() / having);
        return std::pow(rarity / rarity_unit, rarity_exponent - 1);
    }

    void add_neighbours(const Asked& first, const Asked& second) {
        const std::string pair = std::string(prefix_joined) + first.term + second.term;
        if (frequency(pair) == 0) return;
        neighbours_.push_back(Query(Query::OP_SCALE_WEIGHT, Query(pair), neighbours_weight));
        any_.push_back(neighbours_.back());
    }

    Query joined_with_next(std::size_t i) const {
        if (i + 1 >= asked_.size() || !asked_[i].word.is_plain || !asked_[i + 1].word.is_plain) return {};
        const std::string joined = reader_.stem(asked_[i].word.text + asked_[i + 1].word.text);
        return frequency(joined) > 0 ? Query(joined) : Query();
    }

    // The synonyms of the words that begin at `i`. Answers how many words those are, 0 if they have none.
    std::size_t add_synonyms(std::size_t i) {
        std::size_t longest = 0;
        const SynonymGroup* meant = nullptr;
        for (const SynonymGroup& group : book_.synonyms) {
            for (const Synonym& synonym : group.words) {
                const auto words = words_of(synonym.text());
                if (words.size() > longest && stands_at(i, words)) {
                    longest = words.size();
                    meant = &group;
                }
            }
        }
        if (!meant) return 0;
        std::vector<Query> ways;
        for (const Synonym& synonym : meant->words) {
            std::vector<std::string> terms;
            for (const Word& word : words_of(synonym.text()))
                terms.push_back(term(word));
            if (!terms.empty()) ways.emplace_back(Query::OP_PHRASE, terms.begin(), terms.end());
        }
        const Query either(Query::OP_OR, ways.begin(), ways.end());
        any_.push_back(either);
        all_.push_back(either);
        return longest;
    }

    bool stands_at(std::size_t i, const std::vector<Word>& words) const {
        if (i + words.size() > asked_.size()) return false;
        return std::ranges::equal(
            words, std::span(asked_).subspan(i, words.size()), {},
            [&](const Word& word) { return term(word); }, &Asked::term);
    }

    // The whole text and each piece of it that has a digit may be an article number.
    void add_skus(std::string_view text) {
        std::string lowered = lower_case(text);
        std::string_view rest = lowered;
        add_sku(rest);
        while (!rest.empty()) {
            std::string_view piece = rest.substr(0, rest.find(' '));
            if (piece.size() < lowered.size() && piece.find_first_of("0123456789") != piece.npos)
                add_sku(piece);
            rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
        }
    }
    void add_sku(std::string_view text) {
        const std::string sku = exact_term(prefix_sku, text);
        if (text.empty() || frequency(sku) == 0) return;
        skus_.push_back(Query(sku));
        any_.push_back(Query(Query::OP_SCALE_WEIGHT, Query(sku), sku_weight));
    }

    Query with_skus(Query query) const {
        for (const Query& sku : skus_)
            query = Query(Query::OP_OR, query, sku);
        return query;
    }
    Query with_phrases(Query query) const {
        for (const Query& phrase : phrases_)
            query = query.empty() ? phrase : Query(Query::OP_AND, query, phrase);
        return query;
    }

    const Index::Reader& reader_;
    const Book& book_;
    mutable std::unordered_map<std::string, Xapian::doccount> frequencies_;
    std::vector<Asked> asked_;
    bool corrected_ = false;
    std::vector<Query> phrases_;
    std::vector<Query> any_;
    std::vector<Query> all_;
    std::vector<Query> neighbours_;
    bool has_other_ways_ = false;
    std::vector<Query> skus_;
};

}  // namespace

Understood understand(const Index::Reader& reader, const Book& book, std::string_view text) {
    return Interpreter(reader, book).run(text);
}

Query beginning(const Index::Reader& reader, std::string_view text) {
    std::vector<Word> words = words_of(text);
    if (words.empty()) return {};
    if (words.size() > query_words_max) words.resize(query_words_max);
    std::vector<Query> parts;
    for (const Word& word : words)
        parts.emplace_back(word.is_plain ? reader.stem(word.text) : word.text);
    // The last word may be whole ("accessories" is stored by its stem) or only begun.
    if (words.back().is_plain)
        parts.back() = Query(Query::OP_OR, parts.back(), prefix_query(words.back().text));
    return Query(Query::OP_AND, parts.begin(), parts.end());
}

}  // namespace search
