#include "bulk/draft.hpp"

#include "core/currency.hpp"

#include <charconv>

namespace bulk {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "1,299" without its commas; empty if they don't part groups of three, as in "12,50".
std::string without_commas(std::string_view whole) {
    std::string digits;
    std::size_t since_comma = 0;
    bool grouped = false;
    for (char c : whole) {
        if (c == ',') {
            if (grouped ? since_comma != 3 : digits.empty() || since_comma > 3) return {};
            grouped = true;
            since_comma = 0;
        } else if (is_digit(c)) {
            digits += c;
            ++since_comma;
        } else {
            return {};
        }
    }
    return grouped && since_comma != 3 ? std::string() : digits;
}

}  // namespace

core::Checked<core::Price> price_from_text(std::string_view text, core::Currency currency) {
    const auto refused = [&] {
        return std::unexpected(
            core::Refusal{"invalid_format", "must be a price like 1299.00, not '" + std::string(text) + "'"});
    };
    const auto decimals = core::find_minor_units(currency.text());
    if (!decimals) {
        return std::unexpected(core::Refusal{
            "invalid_value", "is in " + std::string(currency.text()) + ", which is no currency of ISO 4217"});
    }
    const std::size_t point = text.find('.');
    std::string digits = without_commas(text.substr(0, point));
    std::string_view fraction = point == text.npos ? std::string_view() : text.substr(point + 1);
    if (digits.empty() || !std::ranges::all_of(fraction, is_digit)) return refused();
    const auto places = static_cast<std::size_t>(*decimals);
    while (fraction.size() > places && fraction.ends_with('0'))
        fraction.remove_suffix(1);
    if (fraction.size() > places) {
        return std::unexpected(core::Refusal{
            "invalid_format", "has more decimals than " + std::string(currency.text()) + " knows"});
    }
    digits.append(fraction).append(places - fraction.size(), '0');
    std::int64_t amount = 0;
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
    if (failed != std::errc{} || amount > core::amount_max)
        return std::unexpected(core::Refusal{"out_of_range", "is too large for a price"});
    return core::Price{amount, currency};
}

}  // namespace bulk
