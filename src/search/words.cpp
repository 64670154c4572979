#include "search/words.hpp"

#include <xapian.h>

#include <algorithm>
#include <array>
#include <optional>

namespace search {
namespace {

enum class Kind { space, letter, digit, dense, apostrophe, joint };

struct Range {
    unsigned first;
    unsigned last;
};

// Scripts that write words without spaces between them. Hangul has spaces.
constexpr std::array dense_ranges = {
    Range{0x0E00, 0x0EFF},    // Thai, Lao
    Range{0x1000, 0x109F},    // Myanmar
    Range{0x1780, 0x17FF},    // Khmer
    Range{0x3040, 0x30FF},    // Hiragana, Katakana
    Range{0x3400, 0x4DBF},    // Han, extension A
    Range{0x4E00, 0x9FFF},    // Han
    Range{0xF900, 0xFAFF},    // Han, compatibility
    Range{0x20000, 0x3134F},  // Han, later extensions
};

// Han and kana say in two characters what the alphabets of South-East Asia say in three.
constexpr unsigned alphabets_end = 0x1800;
constexpr std::size_t gram_of_ideographs = 2;
constexpr std::size_t gram_of_letters = 3;

bool is_dense(unsigned c) {
    return std::ranges::any_of(dense_ranges,
                               [c](const Range& range) { return c >= range.first && c <= range.last; });
}

Kind kind_of(unsigned c) {
    if (c == '\'' || c == 0x2019) return Kind::apostrophe;
    if (c == '.' || c == ',' || c == '/') return Kind::joint;
    switch (Xapian::Unicode::get_category(c)) {
        case Xapian::Unicode::DECIMAL_DIGIT_NUMBER: return Kind::digit;
        case Xapian::Unicode::UPPERCASE_LETTER:
        case Xapian::Unicode::LOWERCASE_LETTER:
        case Xapian::Unicode::TITLECASE_LETTER:
        case Xapian::Unicode::MODIFIER_LETTER:
        case Xapian::Unicode::OTHER_LETTER:
        case Xapian::Unicode::NON_SPACING_MARK:
        case Xapian::Unicode::COMBINING_SPACING_MARK: return is_dense(c) ? Kind::dense : Kind::letter;
        default: return Kind::space;
    }
}

// Measures as shops write them, behind a number. The first of each line is how it is searched.
struct Measure {
    std::string_view written;
    std::string_view word;
};
constexpr Measure measures[] = {
    {"inch", "in"},      {"inches", "in"},  {"foot", "ft"},     {"feet", "ft"},       {"yards", "yd"},
    {"yard", "yd"},      {"lbs", "lb"},     {"pound", "lb"},    {"pounds", "lb"},     {"ounce", "oz"},
    {"ounces", "oz"},    {"gallon", "gal"}, {"gallons", "gal"}, {"quart", "qt"},      {"quarts", "qt"},
    {"liter", "l"},      {"liters", "l"},   {"litre", "l"},     {"litres", "l"},      {"watts", "watt"},
    {"w", "watt"},       {"volts", "volt"}, {"v", "volt"},      {"amps", "amp"},      {"kilogram", "kg"},
    {"kilograms", "kg"}, {"gram", "g"},     {"grams", "g"},     {"millimeter", "mm"}, {"centimeter", "cm"},
};

class Splitter {
public:
    explicit Splitter(std::string_view text) : at_(text.data(), text.size()) {}

    std::vector<Word> split() {
        for (; at_ != Xapian::Utf8Iterator(); ++at_)
            take(*at_);
        finish();
        return std::move(words_);
    }

private:
    void take(unsigned c) {
        const Kind kind = kind_of(c);
        switch (kind) {
            case Kind::letter:
            case Kind::digit:
            case Kind::dense:
                // "4x8", "24in", "SC141": letters and digits part, on both sides alike.
                if (kind != open_) finish();
                open_ = kind;
                if (kind == Kind::dense) {
                    run_.push_back(c);
                } else {
                    Xapian::Unicode::append_utf8(word_, Xapian::Unicode::tolower(c));
                }
                break;
            case Kind::apostrophe:
                if (open_ == Kind::digit) finish_with("ft");
                break;  // "men's" is "mens"
            case Kind::joint:
                if (!joins_digits(c)) finish();
                break;
            case Kind::space:
                if (open_ == Kind::digit && (c == '"' || c == 0x201D)) {
                    finish_with("in");
                } else {
                    finish();
                }
                break;
        }
    }

    // "1.9" and "1/2" are one word, "2,500" is 2500.
    bool joins_digits(unsigned joint) {
        if (open_ != Kind::digit) return false;
        Xapian::Utf8Iterator next = at_;
        ++next;
        if (next == Xapian::Utf8Iterator() || kind_of(*next) != Kind::digit) return false;
        if (joint != ',') word_ += static_cast<char>(joint);
        return true;
    }

    void finish_with(std::string_view measure) {
        finish();
        words_.push_back({std::string(measure), false});
    }

    void finish() {
        if (open_ == Kind::dense) {
            finish_run();
        } else if (!word_.empty()) {
            finish_word();
        }
        word_.clear();
        run_.clear();
        open_ = Kind::space;
    }

    void finish_word() {
        const bool is_number = open_ == Kind::digit;
        if (word_.size() > word_bytes_max) return;
        if (!is_number && after_number_) {
            for (const Measure& measure : measures) {
                if (measure.written == word_) word_ = measure.word;
            }
        }
        after_number_ = is_number;
        words_.push_back({std::move(word_), !is_number});
    }

    void finish_run() {
        after_number_ = false;
        const std::size_t gram = run_.front() < alphabets_end ? gram_of_letters : gram_of_ideographs;
        const std::size_t count = run_.size() <= gram ? 1 : run_.size() - gram + 1;
        for (std::size_t begin = 0; begin < count; ++begin) {
            std::string text;
            for (std::size_t i = begin; i < std::min(begin + gram, run_.size()); ++i)
                Xapian::Unicode::append_utf8(text, run_[i]);
            words_.push_back({std::move(text), false, begin > 0});
        }
    }

    Xapian::Utf8Iterator at_;
    Kind open_ = Kind::space;  // of the word that is being read
    std::string word_;
    std::vector<unsigned> run_;
    bool after_number_ = false;
    std::vector<Word> words_;
};

}  // namespace

std::vector<Word> words_of(std::string_view text) {
    return Splitter(text).split();
}

}  // namespace search
