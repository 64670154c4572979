// Rows of a CSV file by the names of its columns, and cells as checked values. Only for this folder's own
// .cpp files.
#pragma once

#include "bulk/draft.hpp"

namespace bulk {

class Header {
public:
    // Names come trimmed, as some files pad them.
    explicit Header(std::vector<std::string> names);
    bool has(std::string_view name) const { return find(name).has_value(); }
    std::optional<std::size_t> find(std::string_view name) const;
    const std::vector<std::string>& names() const { return names_; }

private:
    std::vector<std::string> names_;
    std::map<std::string, std::size_t, std::less<>> places_;
};

struct Row {
    std::int64_t line = 0;
    std::vector<std::string> cells;
    const Header* header = nullptr;
    std::optional<ImportIssue> broken = {};  // why it can't be read

    // Empty if there is no such column.
    std::string_view at(std::string_view column) const;
    bool has(std::string_view column) const { return header->has(column); }
};

// How a shop's program writes products into CSV.
struct Dialect {
    std::string_view name;
    bool trims;  // its cells are padded
    bool (*recognises)(const Header& header);
    // Whether a row is more about the product that began with `first`.
    bool (*belongs)(const Row& first, const Row& row);
    void (*read)(std::span<const Row> rows, const Assumptions& assumptions, Draft& draft);
    // Whether the column says something that is taken in.
    bool (*knows)(std::string_view column);
    bool refuses_unknown;  // else such columns are only told of
    // Null where a product's rows stand together. Else the whole file is read first and this finds what
    // belongs together; each group in the file's order, its product's own row first.
    std::vector<std::vector<Row>> (*gather)(std::vector<Row> rows) = nullptr;
};

extern const Dialect kontor_csv;
extern const Dialect shopify_csv;
extern const Dialect spree_csv;
extern const Dialect vendure_csv;
extern const Dialect woocommerce_csv;

// Fills a draft from rows; what is refused is told with line and column.
class CellReader {
public:
    CellReader(Draft& draft, const Assumptions& assumptions) : draft_(draft), assumptions_(assumptions) {}

    // The cell as a T, nothing if it is empty.
    template <class T>
    std::optional<T> value(const Row& row, std::string_view column) {
        return checked<T>(row.line, column, row.at(column));
    }
    template <class T>
    std::optional<T> checked(std::int64_t line, std::string_view what, std::string_view text) {
        if (text.empty()) return {};
        auto value = http::detail::scalar_from_text<T>(text);
        if (value) return std::move(*value);
        error(line, value.error().code, std::string(what) + " " + value.error().message);
        return {};
    }
    // A column that is there sets or clears; one that isn't changes nothing.
    template <class T>
    core::Patch<T> patch(const Row& row, std::string_view column) {
        core::Patch<T> patch{row.has(column), value<T>(row, column)};
        return patch;
    }
    std::optional<core::Price> price(const Row& row, std::string_view column,
                                     std::string_view currency_column);
    // "2.5" in kg: 2500.
    std::optional<catalog::Grams> weight(const Row& row, std::string_view column, std::string_view unit);
    // Other shops don't ask for SKUs; we do, as carts and orders name them. `stem` and what is chosen make
    // one.
    catalog::Sku sku(const Row& row, std::string_view column, std::string_view stem,
                     const std::map<std::string, catalog::OptionValue>& options);

    // The option columns, numbered from 1 and named by `name_of(n)` and `value_of(n)`: names stand in the
    // first row, values in each. Answers the values of each row.
    using NameColumn = std::string (*)(std::size_t number);
    std::vector<std::map<std::string, catalog::OptionValue>> options(std::span<const Row> rows,
                                                                     NameColumn name_of, NameColumn value_of);

    void error(std::int64_t line, std::string code, std::string message);
    void note(std::int64_t line, std::string code, std::string message);

private:
    Draft& draft_;
    const Assumptions& assumptions_;
};

std::string_view trimmed(std::string_view text);
// "a|b", with `|` and `\` behind a `\` where they are meant; without empty ones.
std::vector<std::string> split_list(std::string_view text, char separator);
std::string joined_list(const std::vector<std::string>& parts);

}  // namespace bulk
