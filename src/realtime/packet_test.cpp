#include "realtime/packet.hpp"

#include "realtime/engine_packet.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace realtime {
namespace {

using State = PacketReader::State;

PacketReader reader() {
    return PacketReader({.attachments_max = 10, .name_bytes_max = 100});
}

TEST(Packet, Rt8ReadsTheDocumentedExamples) {
    auto read = [](std::string_view text) {
        PacketReader one = reader();
        EXPECT_EQ(one.add_text(text), State::ready) << text;
        return one.take();
    };
    EXPECT_EQ(read("0").namespace_name, "/");
    auto admin = read(R"(0/admin,{"token":"123"})");
    EXPECT_EQ(admin.namespace_name, "/admin");
    EXPECT_EQ(admin.data.at("token"), "123");
    EXPECT_EQ(read("0/admin").namespace_name, "/admin");
    EXPECT_EQ(read("1/admin,").type, PacketType::disconnect);
    auto asked = read(R"(2/admin,456["project:delete",123])");
    EXPECT_EQ(asked.id, 456U);
    EXPECT_EQ(asked.data.as_array().size(), 2U);
    EXPECT_EQ(read("3/admin,456[]").type, PacketType::ack);
    EXPECT_EQ(read(R"(29007199254740992["x"])").id, std::uint64_t{1} << 53);
    EXPECT_EQ(read("2[1]").data.as_array().size(), 1U);
}

TEST(Packet, Rt8CollectsAttachments) {
    PacketReader one = reader();
    EXPECT_EQ(one.add_text(R"(52-["a",{"_placeholder":true,"num":1},{"b":{"_placeholder":true,"num":0}}])"),
              State::needs_more);
    EXPECT_EQ(one.add_binary("one"), State::needs_more);
    EXPECT_EQ(one.add_binary("two"), State::ready);
    auto packet = one.take();
    ASSERT_EQ(packet.attachments.size(), 2U);
    EXPECT_EQ(*packet.attachments[1], "two");
}

TEST(Packet, Rt8RefusesBytesAndTextOutOfTurn) {
    PacketReader stray = reader();
    EXPECT_EQ(stray.add_binary("x"), State::broken);
    PacketReader text = reader();
    EXPECT_EQ(text.add_text(R"(51-["a",{"_placeholder":true,"num":0}])"), State::needs_more);
    EXPECT_EQ(text.add_text(R"(2["b"])"), State::broken);
}

TEST(Packet, Rt13RefusesMalformedPackets) {
    const std::string deep = "2[\"a\"," + std::string(100'000, '[');
    const std::vector<std::string> malformed{"",
                                             "7",
                                             "a",
                                             "abc",
                                             "2",
                                             "2{}",
                                             "2[]",
                                             "2[null]",
                                             "2[{}]",
                                             "2[[\"a\"]]",
                                             "2\"a\"",
                                             "2[\"a\"",
                                             "2[\"a\"]x",
                                             "2abc[\"a\"]",
                                             "2-1[\"a\"]",
                                             "29007199254740993[\"a\"]",
                                             "299999999999999999999[\"a\"]",
                                             "2[\"connect\"]",
                                             "2[\"disconnect\"]",
                                             "2[\"connect_error\"]",
                                             "2[\"disconnecting\"]",
                                             "2[\"newListener\"]",
                                             "2[\"removeListener\"]",
                                             "3[]",
                                             "31{}",
                                             "31",
                                             "0[]",
                                             "0\"a\"",
                                             "0null",
                                             "1{}",
                                             "1[]",
                                             "4",
                                             "5[\"a\"]",
                                             "51[\"a\"]",
                                             "5-[\"a\"]",
                                             "5x-[\"a\"]",
                                             "5-1-[\"a\"]",
                                             "51.5-[\"a\"]",
                                             "511-[\"a\"]",
                                             "51-[\"a\",{\"_placeholder\":true,\"num\":1}]",
                                             "51-[\"a\",{\"_placeholder\":true,\"num\":-1}]",
                                             "51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]",
                                             "51-[\"a\",{\"_placeholder\":true}]",
                                             "2[\"\xFF\"]",
                                             "2/n,[\"a\",]",
                                             deep};
    for (const std::string& text : malformed) {
        PacketReader one = reader();
        EXPECT_EQ(one.add_text(text), State::broken) << text.substr(0, 60);
    }
    PacketReader named = reader();
    EXPECT_EQ(named.add_text("0/" + std::string(200, 'n')), State::broken);
}

TEST(Packet, Rt8WritesValuesAsJavaScriptDoes) {
    constexpr std::string_view text = R"(["a",1,-1.5,0.1,true,null,{"b":[]},"\u0001ä\"",9007199254740993])";
    auto array = boost::json::parse(text).as_array();
    EXPECT_EQ("[" + Arguments::forwarded(array, {}).json + "]", text);
}

TEST(Packet, WritesWhatClientsRead) {
    EXPECT_EQ(packet_text(PacketType::event, "/", {}, R"(["a",1])"), R"(42["a",1])");
    EXPECT_EQ(packet_text(PacketType::ack, "/admin", 13, R"(["bar"])"), R"(43/admin,13["bar"])");
    EXPECT_EQ(packet_text(PacketType::binary_event, "/", {}, "[]", 2), "452-[]");
}

std::vector<std::string> packets_of(std::string_view body, bool& whole) {
    std::vector<std::string> all;
    whole = parse_payload(body, [&](const EnginePacket& packet) {
        all.push_back((packet.binary ? "b" : std::string(1, static_cast<char>(packet.type))) +
                      std::string(packet.data));
        return true;
    });
    return all;
}

TEST(EnginePacket, Rt3SplitsPollingBodies) {
    bool whole = false;
    EXPECT_EQ(packets_of("4hello\x1e"
                         "2probe\x1e"
                         "bAQIDBA==",
                         whole),
              (std::vector<std::string>{"4hello", "2probe", "b\x01\x02\x03\x04"}));
    EXPECT_TRUE(whole);
    for (std::string_view body : {"", "abc", "7", "4a\x1e", "\0364a", "b!!!!", "bAQ=D"}) {
        packets_of(body, whole);
        EXPECT_FALSE(whole) << body;
    }
}

}  // namespace
}  // namespace realtime
