// Query strings, entity tags and what is sent for them.
#include "http/message.hpp"

#include "http/wire.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

TEST(Query, IsDecodedOrRefused) {
    auto pairs = parse_query("q=red+shirt&attributes%5BColor%5D=%C3%A4&empty=&flag");
    ASSERT_TRUE(pairs);
    std::vector<std::pair<std::string, std::string>> expected{
        {"q", "red shirt"}, {"attributes[Color]", "ä"}, {"empty", ""}, {"flag", ""}};
    EXPECT_EQ(*pairs, expected);
    for (std::string_view bad : {"q=%", "q=%4", "q=%zz", "q=%ff", "q=%00", "%80=x"})
        EXPECT_FALSE(parse_query(bad)) << bad;
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "a=b&";
    EXPECT_FALSE(parse_query(many));
}

TEST(EntityTag, IsFoundInAList) {
    EXPECT_TRUE(names_tag("\"abc\"", "abc"));
    EXPECT_TRUE(names_tag("\"x\", W/\"abc\" , \"y\"", "abc"));
    EXPECT_TRUE(names_tag("\"abc-gz\"", "abc"));
    EXPECT_TRUE(names_tag("*", "abc"));
    EXPECT_FALSE(names_tag("\"abcd\"", "abc"));
    EXPECT_FALSE(names_tag("abc", "abc"));
    EXPECT_FALSE(names_tag("", "abc"));
}

TEST(Negotiation, AnswersNotModifiedForAKnownTag) {
    Reply reply = Reply::json(200, "{}");
    reply.tag();
    Request request;
    std::string known = "\"" + reply.etag + "\"";
    request.headers = {{"if-none-match", known}};
    EXPECT_EQ(negotiate(request, reply, 1024).status, 304U);
    request.method = Method::patch;
    EXPECT_EQ(negotiate(request, reply, 1024).status, 200U);
}

TEST(Negotiation, CompressesOnlyWhatPays) {
    Reply small = Reply::json(200, "{}");
    Reply large = Reply::json(200, std::string(5000, 'a'));
    Request request;
    request.headers = {{"accept-encoding", "br, gzip;q=0.5"}};
    EXPECT_FALSE(negotiate(request, small, 1024).gzipped);
    EXPECT_TRUE(negotiate(request, large, 1024).gzipped);
    request.headers = {{"accept-encoding", "gzip;q=0"}};
    EXPECT_FALSE(negotiate(request, large, 1024).gzipped);
}

}  // namespace
}  // namespace http
