#include "core/currency.hpp"

#include <algorithm>
#include <array>

namespace core {
namespace {

// By the number of their decimals (ISO 4217:2015 with amendments up to 2025).
constexpr std::string_view without_decimals =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
constexpr std::string_view with_two =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD "
    "FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD "
    "KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD "
    "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
    "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED "
    "VES WST XCD XCG YER ZAR ZMW ZWG ";
constexpr std::string_view with_three = "BHD IQD JOD KWD LYD OMR TND ";
constexpr std::string_view with_four = "CLF UYW ";
constexpr std::size_t entry_length = 4;  // a code and a space

bool lists(std::string_view codes, std::string_view code) {
    auto at = codes.find(code);
    return at != std::string_view::npos && at % entry_length == 0;
}

}  // namespace

std::optional<int> find_minor_units(std::string_view code) {
    if (code.size() != entry_length - 1 || code.contains(' ')) return {};
    if (lists(with_two, code)) return 2;
    if (lists(without_decimals, code)) return 0;
    if (lists(with_three, code)) return 3;
    if (lists(with_four, code)) return 4;
    return {};
}

std::string decimal_text(const Money& money) {
    const auto decimals = static_cast<std::size_t>(find_minor_units(money.currency.text()).value_or(2));
    const bool negative = money.amount.value < 0;
    std::string digits = std::to_string(negative ? -money.amount.value : money.amount.value);
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
    return negative ? "-" + digits : digits;
}

std::string to_text(const Money& money) {
    return decimal_text(money) + " " + std::string(money.currency.text());
}

}  // namespace core
