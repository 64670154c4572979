// Values that are checked once, where they enter: a function that takes an Email never checks it again.
// Each has from_text() for the edge, text() for the way out and a schema() for the OpenAPI document.
#pragma once

#include "core/error.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace core {

// Why a value was refused: a field error's code and message.
struct Refusal {
    std::string code;
    std::string message;
};

template <class T>
using Checked = std::expected<T, Refusal>;

// Valid UTF-8 (RFC 3629) without control characters other than tab, line feed and carriage return.
bool is_clean_utf8(std::string_view text);
std::size_t count_code_points(std::string_view utf8);

// Checks cleanliness and a length in code points. No value means fine.
std::optional<Refusal> refuse_text(std::string_view text, std::size_t min, std::size_t max);

// A string of Min to Max Unicode code points.
template <std::size_t Min, std::size_t Max>
class Text {
public:
    Text() = default;
    static Checked<Text> from_text(std::string_view text) {
        if (auto refusal = refuse_text(text, Min, Max)) return std::unexpected(*refusal);
        Text value;
        value.text_ = text;
        return value;
    }
    // For values that come from our own rows or constants.
    static Text trusted(std::string text) {
        Text value;
        value.text_ = std::move(text);
        return value;
    }
    std::string_view text() const { return text_; }
    const std::string& str() const { return text_; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"minLength", Min}, {"maxLength", Max}};
    }
    friend bool operator==(const Text&, const Text&) = default;

private:
    std::string text_;
};

// What stands in a search box. Empty, as somebody has cleared it, it looks for nothing in particular.
using SearchText = Text<0, 200>;

// An integer within [Min, Max].
template <std::int64_t Min, std::int64_t Max>
struct Int {
    std::int64_t value = Min > 0 ? Min : 0;

    Int() = default;
    constexpr Int(std::int64_t v) : value(v) {}
    operator std::int64_t() const { return value; }

    static Checked<Int> from_integer(std::int64_t value) {
        if (value < Min || value > Max) {
            return std::unexpected(
                Refusal{"out_of_range",
                        "must be a whole number from " + std::to_string(Min) + " to " + std::to_string(Max)});
        }
        return Int(value);
    }
    static boost::json::object schema() { return {{"type", "integer"}, {"minimum", Min}, {"maximum", Max}}; }
};

using Quantity = Int<1, 1'000'000>;

// An e-mail address as it was typed, plus the form it is compared in.
class Email {
public:
    static Checked<Email> from_text(std::string_view text);
    std::string_view text() const { return text_; }
    const std::string& str() const { return text_; }
    // Lower-cased (ASCII): two addresses are one account if their keys are equal.
    const std::string& key() const { return key_; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"format", "email"}, {"maxLength", 254}};
    }
    friend bool operator==(const Email& a, const Email& b) { return a.key_ == b.key_; }

private:
    std::string text_;
    std::string key_;
};

// A secret that is never shown: 8 to 256 code points.
class Password {
public:
    static Checked<Password> from_text(std::string_view text);
    const std::string& reveal() const { return text_; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"format", "password"}, {"minLength", 8}, {"maxLength", 256}};
    }

private:
    std::string text_;
};

// A password somebody claims to have: no lower bound, so that the answer to a short one tells nothing.
class PasswordAttempt {
public:
    static Checked<PasswordAttempt> from_text(std::string_view text);
    const std::string& reveal() const { return text_; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"format", "password"}, {"maxLength", 256}};
    }

private:
    std::string text_;
};

// Lower-case letters, digits and single hyphens, 1 to 120 characters: a product's or category's name in a
// URL.
class Slug {
public:
    static Checked<Slug> from_text(std::string_view text);
    // The slug that a title suggests ("Café au lait" → "cafe-au-lait"); empty if it has no Latin letter and
    // no digit.
    static std::string suggest(std::string_view title);
    static Slug trusted(std::string text);
    std::string_view text() const { return text_; }
    const std::string& str() const { return text_; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"pattern", "^[a-z0-9]+(-[a-z0-9]+)*$"}, {"maxLength", 120}};
    }

private:
    std::string text_;
};

// ISO 4217 alphabetic code.
class Currency {
public:
    static Checked<Currency> from_text(std::string_view text);
    static Currency trusted(std::string_view text);
    std::string_view text() const { return {text_, 3}; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"pattern", "^[A-Z]{3}$"}, {"description", "ISO 4217 code"}};
    }
    friend bool operator==(const Currency&, const Currency&) = default;

private:
    char text_[3] = {'E', 'U', 'R'};
};

// ISO 3166-1 alpha-2 code.
class CountryCode {
public:
    static Checked<CountryCode> from_text(std::string_view text);
    static CountryCode trusted(std::string_view text);
    std::string_view text() const { return {text_, 2}; }
    static boost::json::object schema() {
        return {{"type", "string"}, {"pattern", "^[A-Z]{2}$"}, {"description", "ISO 3166-1 alpha-2 code"}};
    }

private:
    char text_[2] = {'D', 'E'};
};

}  // namespace core
