// The wire format of @socket.io/redis-adapter: bytes as npm's notepack.io 3.0.1 writes them, and what may not
// pass. tests/realtime/redis_emitter.test.mjs and tests/nodes/redis.test.mjs have the packages themselves.
#include "realtime/adapter_message.hpp"

#include "realtime/msgpack.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace realtime {
namespace {

constexpr std::size_t attachments_max = 10;

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

std::string json_of(std::string_view hex) {
    auto unpacked = from_msgpack(bytes_of(hex), attachments_max);
    return unpacked ? boost::json::serialize(unpacked->value) : "refused";
}

Emission emission(std::string_view json) {
    return {.namespace_name = "/",
            .target = {{"a room"}, {"a socket"}},
            .event = "typing",
            .arguments = {std::string(json), {}}};
}

TEST(AdapterMessage, IsReadAsTheEmitterWritesIt) {
    auto message = decode_message(
        bytes_of(
            "93a7656d697474657283a47479706502a46461746193a268690181a161c4020102a36e7370a12f83a5726f6f6d7391a1"
            "72a5666c61677381a8766f6c6174696c65c3a665786365707491a178"),
        attachments_max);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->uid, "emitter");
    EXPECT_EQ(message->emission.namespace_name, "/");
    EXPECT_EQ(message->emission.target.rooms, std::vector<std::string>{"r"});
    EXPECT_EQ(message->emission.target.except, std::vector<std::string>{"x"});
    EXPECT_TRUE(message->emission.is_volatile);
    EXPECT_EQ(message->emission.event, "hi");
    EXPECT_EQ(message->emission.arguments.json, R"(1,{"a":{"_placeholder":true,"num":0}})");
    ASSERT_EQ(message->emission.arguments.attachments.size(), 1U);
    EXPECT_EQ(*message->emission.arguments.attachments[0], "\x01\x02");
}

TEST(AdapterMessage, OursComesBackAsItWas) {
    auto sent = emission(R"(1,"two",{"three":[null,-4.5,true]})");
    sent.arguments.add(std::make_shared<const std::string>("\0\xff", 2));
    auto message = decode_message(encode_message("us", sent), attachments_max);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->uid, "us");
    EXPECT_EQ(message->emission.namespace_name, "/");
    EXPECT_EQ(message->emission.target.rooms, sent.target.rooms);
    EXPECT_EQ(message->emission.target.except, sent.target.except);
    EXPECT_FALSE(message->emission.is_volatile);
    EXPECT_EQ(message->emission.event, "typing");
    EXPECT_EQ(message->emission.arguments.json, sent.arguments.json);
    ASSERT_EQ(message->emission.arguments.attachments.size(), 1U);
    EXPECT_EQ(*message->emission.arguments.attachments[0], std::string("\0\xff", 2));
}

TEST(AdapterMessage, GoesToTheChannelOfItsOneRoom) {
    auto one = emission("1");
    EXPECT_EQ(channel_of(one), "#/#a room#");
    one.target.rooms.emplace_back("another");
    EXPECT_EQ(channel_of(one), "#/#");
    EXPECT_EQ(channel_of({.namespace_name = "/storefront", .event = "sale"}), "#/storefront#");
}

TEST(AdapterMessage, ReservedEventsAndWrongShapesAreRefused) {
    auto decoded = [](std::string_view json) {
        return decode_message(to_msgpack(json, {}), attachments_max).has_value();
    };
    EXPECT_TRUE(decoded(R"(["uid",{"type":2,"data":["hi"]},{}])"));
    EXPECT_TRUE(decoded(
        R"(["uid",{"type":5,"data":["hi"],"nsp":"/x"},{"rooms":[1,"two"],"except":null,"flags":1}])"));
    for (const char* wrong :
         {R"({})", R"([])", R"(["uid",{"type":2,"data":["hi"]}])", R"([1,{"type":2,"data":["hi"]},{}])",
          R"(["uid",{"type":2,"data":["hi"]},[]])", R"(["uid",{"type":2,"data":[]},{}])",
          R"(["uid",{"type":2,"data":"hi"},{}])", R"(["uid",{"type":3,"data":["hi"]},{}])",
          R"(["uid",{"data":["hi"]},{}])", R"(["uid",{"type":2,"data":[7]},{}])",
          R"(["uid",{"type":2,"data":["disconnect"]},{}])", R"(["uid",{"type":2,"data":["hi"],"nsp":7},{}])",
          R"(["uid",{"type":2,"data":["hi"]},{"rooms":"all"}])",
          R"(["uid",{"type":2,"data":["hi"]},{"except":[{}]}])"}) {
        EXPECT_FALSE(decoded(wrong)) << wrong;
    }
}

TEST(Msgpack, ReadsDatesAsJavaScriptWritesThemInJson) {
    EXPECT_EQ(json_of("d7ff3b9aca006b03f280"), R"("2026-11-23T08:00:00.250Z")");
    EXPECT_EQ(json_of("d6ff00000000"), R"("1970-01-01T00:00:00.000Z")");
    EXPECT_EQ(json_of("d7ffffffffffffffffff"), "refused");
}

TEST(Msgpack, RefusesWhatJsonOrAClientCouldNotTake) {
    EXPECT_EQ(json_of("cb7ff0000000000000"), "null") << "infinity, as JSON.stringify has it";
    EXPECT_EQ(json_of("a2c328"), "refused") << "not UTF-8";
    EXPECT_EQ(json_of("81ac5f706c616365686f6c646572c3"), "refused") << "a placeholder of somebody's own";
    EXPECT_EQ(json_of("8101c0"), "refused") << "a key that is no text";
    EXPECT_EQ(json_of("d40100"), "refused") << "an unknown extension";
    EXPECT_EQ(json_of("c0c0"), "refused") << "more than one value";
    EXPECT_EQ(json_of("ddffffffff"), "refused") << "four billion items that aren't there";
    std::string deep(64, '\x91');
    EXPECT_TRUE(from_msgpack(deep.substr(1) + "\xc0", attachments_max));
    EXPECT_TRUE(from_msgpack(deep + "\xc0", attachments_max));
    EXPECT_FALSE(from_msgpack(deep + "\x91\xc0", attachments_max));
    EXPECT_FALSE(from_msgpack(std::string(1'000'000, '\x91'), attachments_max));
    std::string many = "\x9b";
    for (std::size_t i = 0; i <= attachments_max; ++i)
        many += std::string("\xc4\x00", 2);
    EXPECT_FALSE(from_msgpack(many, attachments_max));
}

TEST(AdapterRequest, JoinsLeavesAndDisconnects) {
    auto join = decode_request(R"({"type":2,"opts":{"rooms":["a",1],"except":["b"]},"rooms":["c"]})");
    ASSERT_TRUE(join);
    EXPECT_EQ(join->wish, AdapterRequest::Wish::join);
    EXPECT_EQ(join->target.rooms, (std::vector<std::string>{"a", "1"}));
    EXPECT_EQ(join->target.except, std::vector<std::string>{"b"});
    EXPECT_EQ(join->rooms, std::vector<std::string>{"c"});
    auto disconnect = decode_request(R"({"type":4,"opts":{"rooms":[],"except":[]},"close":true})");
    ASSERT_TRUE(disconnect);
    EXPECT_TRUE(disconnect->close);
    for (const char* other : {R"({"type":5,"requestId":"x","opts":{"rooms":[],"except":[]}})",
                              R"({"type":6,"data":["hi"]})", R"({"type":4294967298,"opts":{}})",
                              R"({"type":2})", R"({"type":2,"opts":{"rooms":7}})", R"([])", "", "{"}) {
        EXPECT_FALSE(decode_request(other)) << other;
    }
}

}  // namespace
}  // namespace realtime
