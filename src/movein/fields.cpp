#include "movein/fields.hpp"

#include "core/currency.hpp"

#include <boost/json/array.hpp>

#include <cmath>

namespace movein {
namespace {

using boost::json::value;

constexpr double units_max = 1e9;
constexpr double amount_max = 1e15;      // doubles below tell single minor units apart
constexpr double rounding_seen = 0.001;  // of a minor unit: more is no trace of binary fractions

std::string trimmed(const std::string& text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(space);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

}  // namespace

template <class Read>
auto Fields::read(std::string_view member, const char* expected, Read read) const {
    const std::string* wrong = nullptr;
    for (const std::string& path : names_.of(member)) {
        const value* found = find_at(document_, path);
        if (!found) continue;
        if (auto result = read(*found)) return result;
        if (!wrong) wrong = &path;
    }
    if (wrong) error("wrong_type", *wrong + " must be " + expected);
    return decltype(read(value())){};
}

std::string Fields::text(std::string_view member) const {
    return trimmed(read(member, "a text", text_in).value_or(""));
}

std::optional<double> Fields::number(std::string_view member) const {
    return read(member, "a number", number_in);
}

std::optional<std::int64_t> Fields::units(std::string_view member) const {
    const auto number = this->number(member);
    if (!number) return {};
    if (*number < 0) {
        note("below_zero", std::string(member) + " was below 0 and is 0 now");
        return 0;
    }
    if (*number > units_max || *number != std::floor(*number)) {
        error("out_of_range", std::string(member) + " must be a whole number up to 1,000,000,000");
        return {};
    }
    return static_cast<std::int64_t>(*number);
}

std::optional<bool> Fields::flag(std::string_view member) const {
    return read(member, "true or false", flag_in);
}

std::optional<core::Time> Fields::time(std::string_view member) const {
    return read(member, "a date from 1970 to 9999", time_in);
}

std::string Fields::id(std::string_view member) const {
    for (const std::string& path : names_.of(member)) {
        const value* found = find_at(document_, path);
        if (!found) continue;
        if (std::string id = id_in(*found); !id.empty()) return id;
    }
    return {};
}

const boost::json::object* Fields::object(std::string_view member) const {
    for (const std::string& path : names_.of(member)) {
        const value* found = find_at(document_, path);
        if (found && found->is_object()) return &found->get_object();
    }
    return nullptr;
}

const value* Fields::any(std::string_view member) const {
    for (const std::string& path : names_.of(member)) {
        if (const value* found = find_at(document_, path)) return found;
    }
    return nullptr;
}

std::vector<const value*> Fields::list(std::string_view member) const {
    std::vector<const value*> items;
    for (const std::string& path : names_.of(member)) {
        const value* found = find_at(document_, path);
        if (!found) continue;
        const auto* array = found->if_array();
        if (!array) items.push_back(found);
        if (array) {
            for (const value& item : *array)
                items.push_back(&item);
        }
        if (!items.empty()) return items;
    }
    return items;
}

std::vector<const boost::json::object*> Fields::documents(std::string_view member) const {
    std::vector<const boost::json::object*> documents;
    for (const std::string& path : names_.of(member)) {
        const value* found = find_at(document_, path);
        const auto* array = found ? found->if_array() : nullptr;
        if (!array || array->empty() || !array->front().is_object()) continue;
        for (const value& item : *array) {
            if (item.is_object())
                documents.push_back(&item.get_object());
            else
                error("wrong_type", path + " must have documents only");
        }
        return documents;
    }
    return documents;
}

void Fields::error(std::string code, std::string message) const {
    // A member may be asked for more than once.
    if (std::ranges::find(remarks_.errors, message, &Remark::message) != remarks_.errors.end()) return;
    remarks_.errors.push_back({std::move(code), std::move(message)});
}

void Fields::note(std::string code, std::string message) const {
    remarks_.notes.push_back({std::move(code), std::move(message)});
}

Pricing pricing_of(const Fields& fields, const Mapping& mapping) {
    Pricing pricing{mapping.currency.value_or(core::Currency()), mapping.prices.value_or(PriceUnit::major)};
    std::string said = fields.text("currency");
    if (said.empty() && !mapping.currency) {
        fields.error("currency_missing",
                     "The prices come without a currency: say which one they are in (--currency EUR, or "
                     "`currency` in the mapping)");
    }
    if (said.empty()) return pricing;
    std::ranges::transform(said, said.begin(), [](char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    if (auto currency = core::Currency::from_text(said))
        pricing.currency = *currency;
    else
        fields.error("invalid_value", "currency " + currency.error().message);
    return pricing;
}

std::optional<boost::json::object> money(const Fields& fields, std::string_view member,
                                         const Pricing& pricing) {
    const auto number = fields.number(member);
    if (!number) return {};
    const int places =
        pricing.unit == PriceUnit::minor ? 0 : core::find_minor_units(pricing.currency.text()).value_or(2);
    const double exact = *number * std::pow(10.0, places);
    if (exact < 0 || exact > amount_max) {
        fields.error("out_of_range", std::string(member) + " must be from 0 to 10,000,000,000,000");
        return {};
    }
    const std::int64_t amount = std::llround(exact);
    if (std::abs(exact - static_cast<double>(amount)) > rounding_seen) {
        fields.note("price_rounded", std::string(member) + " has more decimals than " +
                                         std::string(pricing.currency.text()) + " and was rounded");
    }
    return boost::json::object{{"amount", amount}, {"currency", pricing.currency.text()}};
}

}  // namespace movein
