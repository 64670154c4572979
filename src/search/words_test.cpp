// Text to words: what shops and customers write comes out the same.
#include "search/words.hpp"

#include <gtest/gtest.h>

namespace search {
namespace {

std::string split(std::string_view text) {
    std::string joined;
    for (const Word& word : words_of(text))
        joined.append(joined.empty() ? "" : "|").append(word.text);
    return joined;
}

TEST(Words, AreLowerCaseWithoutPunctuation) {
    EXPECT_EQ(split("Men's  T-Shirt (Red), Größe L"), "mens|t|shirt|red|größe|l");
    EXPECT_EQ(split(" -- !? "), "");
    EXPECT_EQ(split(std::string(word_bytes_max + 1, 'x') + " y"), "y") << "longer than any word";
}

TEST(Words, KeepNumbersWhole) {
    EXPECT_EQ(split("1.9 cu. ft."), "1.9|cu|ft");
    EXPECT_EQ(split("3/4 in. x 8 ft."), "3/4|in|x|8|ft");
    EXPECT_EQ(split("2,500 W."), "2500|watt");
    EXPECT_EQ(split("End. 5 pieces"), "end|5|pieces");
}

TEST(Words, TellMeasuresInOneWay) {
    EXPECT_EQ(split("24\" shelf"), split("24 inch shelf"));
    EXPECT_EQ(split("6' ladder"), split("6 feet ladder"));
    EXPECT_EQ(split("24in"), split("24 in."));
    EXPECT_EQ(split("4x8"), "4|x|8");
    EXPECT_EQ(split("foot stool"), "foot|stool") << "no measure without a number";
}

TEST(Words, CutTextWithoutSpacesIntoGrams) {
    EXPECT_EQ(split("红色沙发"), "红色|色沙|沙发");
    EXPECT_EQ(split("IKEA 沙 2"), "ikea|沙|2");
    EXPECT_EQ(split("โต๊ะ"), "โต๊|ต๊ะ");
    EXPECT_EQ(split("스탠드 조명"), "스탠드|조명") << "Korean has spaces";
}

TEST(Words, SayWhichGramsOverlap) {
    std::string overlaps;
    for (const Word& word : words_of("mug 红色沙发 โต๊ะ"))
        overlaps += word.is_overlapping ? 'o' : '-';
    EXPECT_EQ(overlaps, "--oo-o");
}

TEST(Words, SurviveBrokenText) {
    EXPECT_NO_THROW(words_of("\xff\xfe\x80 mug \xe2\x82"));
    EXPECT_EQ(split(""), "");
}

}  // namespace
}  // namespace search
