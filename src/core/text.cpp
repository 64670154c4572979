#include "core/text.hpp"

#include "core/currency.hpp"

#include <uninorm.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace core {
namespace {

constexpr std::size_t email_length_max = 254;  // RFC 5321 §4.5.3.1.3, without the angle brackets
constexpr std::size_t email_local_max = 64;    // RFC 5321 §4.5.3.1.1
constexpr std::size_t password_length_min = 8;
constexpr std::size_t password_length_max = 256;
constexpr std::size_t slug_length_max = 120;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
char lowered(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

// Bytes of the sequence that starts at text[at], or 0 if it isn't well-formed (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    auto tail = [&](std::size_t i) { return at + i < text.size() && (byte(i) & 0xC0) == 0x80; };
    unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (!tail(1) || !tail(2)) return 0;
        bool overlong = lead == 0xE0 && byte(1) < 0xA0;
        bool surrogate = lead == 0xED && byte(1) > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (!tail(1) || !tail(2) || !tail(3)) return 0;
        bool overlong = lead == 0xF0 && byte(1) < 0x90;
        bool beyond = lead == 0xF4 && byte(1) > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

// With each accent behind its letter (Unicode's form NFD). Text that isn't clean stays as it is.
std::string decomposed(std::string_view text) {
    if (text.empty() || !is_clean_utf8(text)) return std::string(text);
    std::size_t length = 0;
    std::unique_ptr<uint8_t, decltype(&std::free)> apart(
        u8_normalize(UNINORM_NFD, reinterpret_cast<const uint8_t*>(text.data()), text.size(), nullptr,
                     &length),
        &std::free);
    if (!apart) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(apart.get()), length};
}

// U+0300 to U+036F, as they stand behind Latin letters.
bool is_accent(std::string_view letter) {
    return letter >= "\u0300" && letter <= "\u036F";
}

// Latin letters that are no letter with an accent, as they are written where there is only ASCII.
struct Spelling {
    std::string_view letter;
    std::string_view ascii;
};
constexpr Spelling spellings[] = {
    {"ß", "ss"}, {"ẞ", "ss"}, {"æ", "ae"}, {"Æ", "ae"}, {"œ", "oe"}, {"Œ", "oe"}, {"ø", "o"},
    {"Ø", "o"},  {"đ", "d"},  {"Đ", "d"},  {"ð", "d"},  {"Ð", "d"},  {"þ", "th"}, {"Þ", "th"},
    {"ł", "l"},  {"Ł", "l"},  {"ħ", "h"},  {"Ħ", "h"},  {"ı", "i"},
};

// What a letter is in a slug; empty if it can't be in one.
std::string slug_part(std::string_view letter) {
    if (letter.size() == 1) {
        const char c = lowered(letter.front());
        return is_lower(c) || is_digit(c) ? std::string(1, c) : std::string();
    }
    const auto* known = std::ranges::find(spellings, letter, &Spelling::letter);
    return known == std::end(spellings) ? std::string() : std::string(known->ascii);
}

bool is_control(unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

// The characters of an atom (RFC 5322 §3.2.3) and anything beyond ASCII (RFC 6531 §3.3).
bool is_email_atom(char c) {
    constexpr std::string_view special = "!#$%&'*+/=?^_`{|}~-.";
    return is_lower(c) || is_upper(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
           special.find(c) != std::string_view::npos;
}

bool is_domain(std::string_view domain) {
    if (domain.size() < 3 || domain.find('.') == std::string_view::npos) return false;
    char before = '.';
    for (char c : domain) {
        bool alphanumeric =
            is_lower(c) || is_upper(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
        if (!alphanumeric && c != '-' && c != '.') return false;
        if (c == '.' && (before == '.' || before == '-')) return false;
        if (c == '-' && before == '.') return false;
        before = c;
    }
    return before != '.' && before != '-';
}

Refusal wrong_format(std::string message) {
    return {"invalid_format", std::move(message)};
}

}  // namespace

bool is_clean_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (is_control(static_cast<unsigned char>(text[at]))) return false;
        std::size_t length = sequence_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::size_t count_code_points(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::optional<Refusal> refuse_text(std::string_view text, std::size_t min, std::size_t max) {
    if (!is_clean_utf8(text)) return wrong_format("must be UTF-8 text without control characters");
    std::size_t length = count_code_points(text);
    if (length < min)
        return Refusal{"too_short", "must have at least " + std::to_string(min) + " characters"};
    if (length > max) return Refusal{"too_long", "must have at most " + std::to_string(max) + " characters"};
    return {};
}

Checked<Email> Email::from_text(std::string_view text) {
    auto refused = std::unexpected(wrong_format("must be an e-mail address, as in name@example.com"));
    if (text.size() > email_length_max || !is_clean_utf8(text)) return refused;
    std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > email_local_max) return refused;
    auto local = text.substr(0, at);
    if (!std::ranges::all_of(local, is_email_atom) || local.front() == '.' || local.back() == '.')
        return refused;
    if (local.find("..") != std::string_view::npos || !is_domain(text.substr(at + 1))) return refused;
    Email email;
    email.text_ = text;
    email.key_ = text;
    std::ranges::transform(email.key_, email.key_.begin(), lowered);
    return email;
}

Checked<Password> Password::from_text(std::string_view text) {
    if (auto refusal = refuse_text(text, password_length_min, password_length_max))
        return std::unexpected(*refusal);
    Password password;
    password.text_ = text;
    return password;
}

Checked<PasswordAttempt> PasswordAttempt::from_text(std::string_view text) {
    if (auto refusal = refuse_text(text, 0, password_length_max)) return std::unexpected(*refusal);
    PasswordAttempt attempt;
    attempt.text_ = text;
    return attempt;
}

Checked<Slug> Slug::from_text(std::string_view text) {
    auto refused = std::unexpected(wrong_format(
        "must be lower-case letters and digits, joined by single hyphens, up to 120 characters"));
    if (text.empty() || text.size() > slug_length_max || text.front() == '-' || text.back() == '-')
        return refused;
    if (text.find("--") != std::string_view::npos) return refused;
    if (!std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; }))
        return refused;
    return trusted(std::string(text));
}

std::string Slug::suggest(std::string_view title) {
    const std::string letters = decomposed(title);
    std::string slug;
    for (std::size_t at = 0; at < letters.size() && slug.size() < slug_length_max;) {
        const std::string_view letter =
            std::string_view(letters).substr(at, std::max<std::size_t>(sequence_length(letters, at), 1));
        at += letter.size();
        if (is_accent(letter)) continue;
        const std::string part = slug_part(letter);
        if (!part.empty()) {
            slug += part;
        } else if (!slug.empty() && slug.back() != '-') {
            slug += '-';
        }
    }
    if (slug.size() > slug_length_max) slug.resize(slug_length_max);
    if (!slug.empty() && slug.back() == '-') slug.pop_back();
    return slug;
}

Slug Slug::trusted(std::string text) {
    Slug slug;
    slug.text_ = std::move(text);
    return slug;
}

Checked<Currency> Currency::from_text(std::string_view text) {
    if (!find_minor_units(text)) {
        return std::unexpected(wrong_format("must be a currency's ISO 4217 code, as in EUR"));
    }
    return trusted(text);
}

Currency Currency::trusted(std::string_view text) {
    Currency currency;
    text.copy(currency.text_, 3);
    return currency;
}

Checked<CountryCode> CountryCode::from_text(std::string_view text) {
    if (text.size() != 2 || !std::ranges::all_of(text, is_upper)) {
        return std::unexpected(wrong_format("must be an ISO 3166-1 alpha-2 code, as in DE"));
    }
    return trusted(text);
}

CountryCode CountryCode::trusted(std::string_view text) {
    CountryCode country;
    text.copy(country.text_, 2);
    return country;
}

}  // namespace core
