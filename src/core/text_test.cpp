// The checked values at the edge: what they take, what they refuse, and that they say why.
#include "core/text.hpp"

#include "core/currency.hpp"

#include <gtest/gtest.h>

namespace core {
namespace {

TEST(Text, CountsCodePointsNotBytes) {
    EXPECT_TRUE((Text<1, 3>::from_text("äöü")));
    EXPECT_EQ((Text<1, 3>::from_text("äöü!").error().code), "too_long");
    EXPECT_EQ((Text<1, 3>::from_text("").error().code), "too_short");
}

TEST(Text, RefusesInvalidUtf8AndControlCharacters) {
    for (std::string_view bad :
         {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\x80", "a\x01b"}) {
        EXPECT_FALSE(is_clean_utf8(bad)) << bad;
    }
    EXPECT_FALSE(is_clean_utf8(std::string_view("a\0b", 3)));
    EXPECT_TRUE(is_clean_utf8("one\ttwo\r\nthree € 👍"));
}

TEST(Email, ComparesWithoutCase) {
    EXPECT_EQ(Email::from_text("Ann@Example.com")->key(), "ann@example.com");
    EXPECT_EQ(Email::from_text("Ann@Example.com")->text(), "Ann@Example.com");
}

TEST(Email, RefusesWhatIsNoAddress) {
    for (std::string_view bad :
         {"", "ann", "@example.com", "ann@", "ann@example", "a b@example.com", "ann@example..com",
          "ann@-example.com", ".ann@example.com", "an..n@example.com", "ann@example.com\r\nBcc: x"}) {
        EXPECT_FALSE(Email::from_text(bad)) << bad;
    }
    EXPECT_FALSE(Email::from_text(std::string(65, 'a') + "@example.com"));
}

TEST(Slug, IsSuggestedFromATitle) {
    EXPECT_EQ(Slug::suggest("Café au lait – 250 g"), "cafe-au-lait-250-g");
    EXPECT_EQ(Slug::suggest("Cafe\u0301"), "cafe") << "an accent that stands by itself";
    EXPECT_EQ(Slug::suggest("SMØRREBRØD, Łódź & Straße"), "smorrebrod-lodz-strasse");
    EXPECT_EQ(Slug::suggest("Phở Việt Nam"), "pho-viet-nam");
    EXPECT_EQ(Slug::suggest("กาแฟ"), "") << "whoever asks has another name for it";
    EXPECT_EQ(Slug::suggest("กาแฟ Café"), "cafe");
    EXPECT_EQ(Slug::suggest("broken \xC3 caf\xE9"), "broken-caf");
    EXPECT_EQ(Slug::suggest(std::string(119, 'a') + "ßx"), std::string(119, 'a') + "s");
    EXPECT_FALSE(Slug::from_text("two--hyphens"));
    EXPECT_FALSE(Slug::from_text("Upper"));
    EXPECT_TRUE(Slug::from_text("red-shirt-2"));
}

TEST(Int, KeepsItsRange) {
    EXPECT_TRUE(Quantity::from_integer(1));
    EXPECT_EQ(Quantity::from_integer(0).error().code, "out_of_range");
}

TEST(Currency, IsOneOfIso4217ThatHasAMinorUnit) {
    for (auto code : {"EUR", "USD", "JPY", "KWD", "CLF", "XOF", "ZWG"})
        EXPECT_TRUE(Currency::from_text(code)) << code;
    for (auto code : {"XYZ", "eur", "EU", "EURO", "XAU", "XTS", "UR ", "D A", "AED ", ""})
        EXPECT_FALSE(Currency::from_text(code)) << code;
    EXPECT_EQ(find_minor_units("EUR"), 2);
    EXPECT_EQ(find_minor_units("KWD"), 3);
}

TEST(Money, IsShownInItsOwnDecimals) {
    auto shown = [](std::int64_t amount, std::string_view code) {
        return to_text(Money{amount, Currency::trusted(code)});
    };
    EXPECT_EQ(shown(1999, "EUR"), "19.99 EUR");
    EXPECT_EQ(shown(5, "EUR"), "0.05 EUR");
    EXPECT_EQ(shown(-5, "EUR"), "-0.05 EUR");
    EXPECT_EQ(shown(1500, "JPY"), "1500 JPY");
    EXPECT_EQ(shown(1500, "KWD"), "1.500 KWD");
    EXPECT_EQ(shown(0, "CLF"), "0.0000 CLF");
}

}  // namespace
}  // namespace core
