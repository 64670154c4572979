#include "bulk/table.hpp"

#include <cmath>

namespace bulk {
namespace {

double grams_in(std::string_view unit) {
    if (unit == "kg") return 1000;
    if (unit == "lb" || unit == "lbs") return 453.59237;
    if (unit == "oz") return 28.349523125;
    return 1;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(space);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::vector<std::string> split_list(std::string_view text, char separator) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            parts.back().append(text.substr(i++, 2));  // what reads the part takes the `\` off
        } else if (text[i] == separator) {
            parts.emplace_back();
        } else {
            parts.back() += text[i];
        }
    }
    for (std::string& part : parts)
        part = std::string(trimmed(part));
    std::erase(parts, "");
    return parts;
}

std::string joined_list(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty()) text += '|';
        text += part;
    }
    return text;
}

Header::Header(std::vector<std::string> names) : names_(std::move(names)) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
        names_[i] = std::string(trimmed(names_[i]));
        if (names_[i].empty()) continue;
        if (!places_.emplace(names_[i], i).second)
            throw UnreadableFile("the column '" + names_[i] + "' is there twice");
    }
}

std::optional<std::size_t> Header::find(std::string_view name) const {
    auto place = places_.find(name);
    if (place == places_.end()) return {};
    return place->second;
}

std::string_view Row::at(std::string_view column) const {
    const auto place = header->find(column);
    return place ? std::string_view(cells[*place]) : std::string_view();
}

std::optional<core::Price> CellReader::price(const Row& row, std::string_view column,
                                             std::string_view currency_column) {
    const std::string_view text = row.at(column);
    if (text.empty()) return {};
    auto currency = value<core::Currency>(row, currency_column);
    if (!currency) currency = assumptions_.currency;
    if (!currency) {
        error(row.line, "currency_missing",
              "The prices come without a currency: say which one they are in (--currency EUR, or "
              "?currency=EUR)");
        return {};
    }
    auto price = price_from_text(text, *currency);
    if (price) return *price;
    error(row.line, price.error().code, std::string(column) + " " + price.error().message);
    return {};
}

std::optional<catalog::Grams> CellReader::weight(const Row& row, std::string_view column,
                                                 std::string_view unit) {
    const std::string text(row.at(column));
    if (text.empty()) return {};
    char* end = nullptr;
    const double weight = std::strtod(text.c_str(), &end);
    const double grams = std::round(weight * grams_in(unit));
    if (*end == '\0' && grams >= 0 && grams <= 1e9) return catalog::Grams(static_cast<std::int64_t>(grams));
    error(row.line, "invalid_format", std::string(column) + " must be a number, not '" + text + "'");
    return {};
}

catalog::Sku CellReader::sku(const Row& row, std::string_view column, std::string_view stem,
                             const std::map<std::string, catalog::OptionValue>& options) {
    if (auto sku = value<catalog::Sku>(row, column)) return std::move(*sku);
    std::string made(stem);
    for (const auto& [name, value] : options) {
        if (const std::string part = core::Slug::suggest(value.text()); !part.empty()) made += "-" + part;
    }
    note(row.line, "sku_made", "The variant has no SKU: it got " + made);
    return checked<catalog::Sku>(row.line, column, made).value_or(catalog::Sku());
}

std::vector<std::map<std::string, catalog::OptionValue>> CellReader::options(std::span<const Row> rows,
                                                                             NameColumn name_of,
                                                                             NameColumn value_of) {
    std::vector<std::map<std::string, catalog::OptionValue>> values(rows.size());
    for (std::size_t number = 1; number <= catalog::options_per_product_max; ++number) {
        const std::string value_column = value_of(number);
        catalog::NewOption option;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (option.name.text().empty()) {
                if (auto name = value<core::Text<1, 50>>(rows[i], name_of(number)))
                    option.name = std::move(*name);
            }
            auto chosen = value<catalog::OptionValue>(rows[i], value_column);
            if (!chosen) continue;
            if (option.name.text().empty()) {
                error(rows[i].line, "required", value_column + " has no name: see " + name_of(number));
                continue;
            }
            if (std::ranges::find(option.values, *chosen) == option.values.end())
                option.values.push_back(*chosen);
            values[i].emplace(option.name.str(), std::move(*chosen));
        }
        if (!option.values.empty()) draft_.product.options.push_back(std::move(option));
    }
    return values;
}

void CellReader::error(std::int64_t line, std::string code, std::string message) {
    draft_.errors.push_back({line, std::move(code), std::move(message)});
}

void CellReader::note(std::int64_t line, std::string code, std::string message) {
    draft_.notes.push_back({line, std::move(code), std::move(message)});
}

void add_errors(Draft& draft, const core::Error& error) {
    if (error.fields.empty()) {
        draft.errors.push_back({draft.line, std::string(core::name_of(error.code)), error.detail});
        return;
    }
    constexpr std::string_view variants = "/variants/";
    for (const core::FieldError& field : error.fields) {
        std::int64_t line = draft.line;
        if (field.field.starts_with(variants)) {
            const auto index = static_cast<std::size_t>(std::atoi(field.field.c_str() + variants.size()));
            if (index < draft.variant_lines.size()) line = draft.variant_lines[index];
        }
        draft.errors.push_back({line, field.code, field.field + " " + field.message});
    }
}

}  // namespace bulk
