#include "search/document.hpp"

#include "search/words.hpp"

#include "core/encoding.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

namespace search {
namespace {

// How much one occurrence counts: what a product is called says more than what is said about it.
constexpr Xapian::termcount title_weight = 4;
constexpr Xapian::termcount brand_weight = 3;
constexpr Xapian::termcount category_weight = 2;
constexpr Xapian::termcount other_weight = 1;

// BM25's share of a document's length, worked into each occurrence as it is written: a search that looks up
// the length of all that it finds takes three times as long. What a length is measured against is fixed, as
// the average of a growing shop isn't known: titles of ten words come to 70, descriptions of fifty words add
// as many.
constexpr double length_share = 0.6;
constexpr double length_usual = 100;
constexpr double length_min = 0.5;  // of the usual: a title of one word isn't the best of all

constexpr std::size_t first_words = 2;       // of a title: where brands and kinds stand
constexpr std::size_t title_key_bytes = 48;  // enough to sort by
constexpr Xapian::termpos field_gap = 100;   // so that no phrase runs from one field into the next
constexpr std::size_t term_bytes_max = 200;  // Xapian's own limit is 245, with escapes counted
constexpr std::size_t spelled_length_min = 3;

class Drafter {
public:
    Drafter(Draft& draft, const Xapian::Stem& stem) : draft_(draft), stem_(stem) {}

    void add_title(std::string_view title) {
        std::string before;
        std::size_t count = 0;
        for (const Word& word : words_of(title)) {
            const std::string term = add(word, title_weight);
            spell(word);
            if (count++ < first_words) add_term(std::string(prefix_first) + term);
            // Grams that overlap say by themselves that they are neighbours.
            if (!before.empty() && !word.is_overlapping)
                add_term(std::string(prefix_joined).append(before).append(term));
            before = term;
        }
        position_ += field_gap;
    }

    void add_name(std::string_view name, Xapian::termcount weight) {
        for (const Word& word : words_of(name)) {
            add(word, weight);
            spell(word);
        }
        position_ += field_gap;
    }

    // Each word counts once: a long text isn't a better one.
    void add_text(std::string_view text) {
        for (const Word& word : words_of(text)) {
            const bool is_new = seen_.insert(word.text).second;
            add(word, is_new ? other_weight : 0);
        }
        position_ += field_gap;
    }

    void add_term(const std::string& term) { weights_[term] += other_weight; }

    void finish() {
        double length = 0;
        for (const auto& [term, weight] : weights_)
            length += weight;
        const double norm = 1 - length_share + length_share * std::max(length / length_usual, length_min);
        for (const auto& [term, weight] : weights_)
            draft_.document.add_term(term, occurrences_of(weight / norm));
        draft_.spelled.assign(spelled_.begin(), spelled_.end());
    }

private:
    std::string add(const Word& word, Xapian::termcount weight) {
        std::string term = word.is_plain ? stem_(word.text) : word.text;
        draft_.document.add_posting(term, ++position_, 0);
        weights_[term] += weight;
        return term;
    }
    // In the index's unit; what is there at all counts.
    static Xapian::termcount occurrences_of(double weight) {
        return static_cast<Xapian::termcount>(std::max(1L, std::lround(weight * weight_unit)));
    }
    void spell(const Word& word) {
        if (word.is_plain && word.text.size() >= spelled_length_min) spelled_.insert(word.text);
    }

    Draft& draft_;
    const Xapian::Stem& stem_;
    Xapian::termpos position_ = 0;
    std::unordered_map<std::string, Xapian::termcount> weights_;
    std::set<std::string> spelled_;
    std::set<std::string> seen_;
};

void add_paths(const catalog::Category& category, CategoryPaths& paths) {
    paths[category.id] = category.path;
    for (const catalog::Category& child : category.children)
        add_paths(child, paths);
}

// The categories of a product and all those above them, once each.
std::map<core::CategoryId, std::string> names_above(const catalog::Product& product,
                                                    const CategoryPaths& paths) {
    std::map<core::CategoryId, std::string> names;
    for (core::CategoryId id : product.category_ids) {
        auto path = paths.find(id);
        if (path == paths.end()) continue;
        for (const catalog::CategoryLink& link : path->second)
            names.emplace(link.id, link.name);
    }
    return names;
}

std::string sort_key(std::string_view title) {
    std::string key = lower_case(title);
    if (key.size() > title_key_bytes) key.resize(title_key_bytes);
    return key;
}

void add_filters(Xapian::Document& document, const catalog::Product& product) {
    if (product.status != catalog::ProductStatus::active) {
        document.add_boolean_term(std::string(prefix_hidden) +
                                  boost::describe::enum_to_string(product.status, ""));
    }
    const bool in_stock = std::ranges::any_of(
        product.variants, [](const catalog::Variant& variant) { return variant.stock.available > 0; });
    if (!in_stock) document.add_boolean_term(std::string(term_sold_out));
    document.add_value(slot_price,
                       Xapian::sortable_serialise(static_cast<double>(product.price_range.min.amount)));
    document.add_value(slot_created, Xapian::sortable_serialise(static_cast<double>(product.created_at.ms)));
    document.add_value(slot_title, sort_key(product.title));
    if (product.brand) {
        document.add_boolean_term(exact_term(prefix_brand, *product.brand));
        document.add_value(slot_brand, *product.brand);
    }
    const std::vector<std::string> pairs = catalog::attribute_pairs(product);
    for (const std::string& pair : pairs)
        document.add_boolean_term(exact_term(prefix_attribute, pair));
    document.add_value(slot_attributes, joined(pairs));
}

}  // namespace

CategoryPaths paths_of(const std::vector<catalog::Category>& roots) {
    CategoryPaths paths;
    for (const catalog::Category& root : roots)
        add_paths(root, paths);
    return paths;
}

std::string exact_term(std::string_view prefix, std::string_view text) {
    std::string term(prefix);
    if (text.size() <= term_bytes_max) return term.append(text);
    return term.append(text.substr(0, term_bytes_max / 2))
        .append(core::to_hex(core::short_fingerprint(text)));
}

std::string lower_case(std::string_view text) {
    std::string lowered;
    for (Xapian::Utf8Iterator at(text.data(), text.size()); at != Xapian::Utf8Iterator(); ++at)
        Xapian::Unicode::append_utf8(lowered, Xapian::Unicode::tolower(*at));
    return lowered;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty()) text += part_separator;
        text += part;
    }
    return text;
}

Draft draft_of(const catalog::Product& product, const CategoryPaths& paths, const Xapian::Stem& stem) {
    Draft draft;
    draft.document.add_boolean_term(std::string(prefix_product) + product.id.str());
    add_filters(draft.document, product);

    Drafter drafter(draft, stem);
    drafter.add_title(product.title);
    if (product.brand) drafter.add_name(*product.brand, brand_weight);
    std::vector<std::string> category_ids;
    for (const auto& [id, name] : names_above(product, paths)) {
        drafter.add_name(name, category_weight);
        draft.document.add_boolean_term(std::string(prefix_category) + id.str());
        category_ids.push_back(id.str());
    }
    draft.document.add_value(slot_categories, joined(category_ids));
    for (const catalog::Variant& variant : product.variants) {
        drafter.add_term(exact_term(prefix_sku, lower_case(variant.sku)));
        drafter.add_text(variant.sku);
    }
    for (const auto& [name, value] : product.attributes)
        drafter.add_text(value);
    for (const catalog::ProductOption& option : product.options) {
        for (const std::string& value : option.values)
            drafter.add_text(value);
    }
    drafter.add_text(product.description);
    drafter.finish();
    draft.document.set_data(product.id.str() + part_separator + joined(draft.spelled));
    return draft;
}

std::string product_id_of(const Xapian::Document& document) {
    const std::string data = document.get_data();
    return data.substr(0, data.find(part_separator));
}

std::vector<std::string> spelled_of(const Xapian::Document& document) {
    std::vector<std::string> words;
    bool is_first = true;  // the product's id
    const std::string data = document.get_data();
    for_each_part(data, [&](std::string_view part) {
        if (!std::exchange(is_first, false)) words.emplace_back(part);
    });
    return words;
}

}  // namespace search
