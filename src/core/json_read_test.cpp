// JSON bodies within their limits: nothing is read that two readers could read differently.
#include "core/json_read.hpp"

#include <gtest/gtest.h>

namespace core {
namespace {

std::string refusal_of(std::string_view text) {
    auto parsed = parse_json(text);
    if (parsed) return "";
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_json);
    return parsed.error().detail;
}

TEST(Json, WithAMemberTwiceIsRefusedByItsName) {
    for (std::string_view twice : {
             R"({"a":1,"a":1})",
             R"({"b":{"x":1,"a":2,"y":{},"a":null}})",
             R"([{"b":1},{"a":"}","b":"{","\u0061":"a"}])",
             R"({"a":{"a":{"a":1}},"c":[],"a":{}})",
             R"({"b":"\"a\":1,\"a\":2","a":"\\","a":[]})",
         }) {
        EXPECT_TRUE(refusal_of(twice).contains("\"a\" twice")) << twice << ": " << refusal_of(twice);
    }
}

TEST(Json, ThatOnlyLooksLikeItIsRead) {
    for (std::string_view fine : {
             R"({})",
             R"([])",
             R"("a:b")",
             R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})",
             R"({"a":"\"a\":1,\"a\":2","b":"\\","c":":"})",
             R"({"A":1,"a":2,"":3})",
         }) {
        EXPECT_EQ(refusal_of(fine), "") << fine;
    }
}

TEST(Json, HasAsManyMembersAsTheLimit) {
    auto with_members = [](std::size_t count) {
        std::string text = "{";
        for (std::size_t i = 0; i < count; ++i)
            text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":[]";
        return text + "}";
    };
    EXPECT_EQ(refusal_of(with_members(json_keys_max)), "");
    EXPECT_TRUE(refusal_of(with_members(json_keys_max + 1)).contains("too many"));
}

TEST(Json, HasNoNumberThatItCouldNotWriteAgain) {
    for (std::string_view endless : {"1e400", "[-1e309]", "0e22222", R"({"a":[{"b":20E000007077}]})"})
        EXPECT_TRUE(refusal_of(endless).contains("number")) << endless;
    for (std::string_view fine : {"1e308", "[1e-400]", R"({"a":9007199254740993})"})
        EXPECT_EQ(refusal_of(fine), "") << fine;
}

}  // namespace
}  // namespace core
