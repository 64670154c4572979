#include "realtime/websocket_reader.hpp"

#include "realtime/deflate.hpp"
#include "realtime/websocket_handshake.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using Kind = WebSocketReader::Item::Kind;
constexpr std::size_t bytes_max = 1000;
constexpr unsigned char mask[4] = {0x12, 0x34, 0x56, 0x78};

// A client's frame. `first` is its first byte: FIN, RSV and opcode.
std::string frame(unsigned char first, std::string_view payload, bool masked = true) {
    std::string bytes(1, static_cast<char>(first));
    auto flag = static_cast<unsigned char>(masked ? 0x80 : 0);
    if (payload.size() <= 125) {
        bytes += static_cast<char>(flag | payload.size());
    } else {
        bytes += static_cast<char>(flag | 126);
        bytes += static_cast<char>(payload.size() >> 8);
        bytes += static_cast<char>(payload.size() & 0xFF);
    }
    if (masked) bytes.append(reinterpret_cast<const char*>(mask), 4);
    for (std::size_t i = 0; i < payload.size(); ++i)
        bytes += static_cast<char>(masked ? payload[i] ^ mask[i & 3] : payload[i]);
    return bytes;
}

// What a reader says to these bytes, given `step` at a time: "text:hello", "ping:x", "close:1000",
// "failed:1002".
std::vector<std::string> said(const std::string& bytes, std::size_t step, bool deflate = false) {
    WebSocketReader reader(bytes_max, deflate);
    std::vector<std::string> all;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        std::string part = bytes.substr(at, step);
        std::span<char> input(part);
        for (;;) {
            auto item = reader.next(input);
            if (item.kind == Kind::nothing) break;
            constexpr const char* names[] = {"", "text:", "binary:", "ping:", "pong:", "close:", "failed:"};
            bool coded = item.kind == Kind::close || item.kind == Kind::failed;
            all.push_back(names[static_cast<int>(item.kind)] +
                          (coded ? std::to_string(item.code) : std::string(item.payload)));
            if (item.kind == Kind::failed) return all;
        }
    }
    return all;
}

void expect(const std::string& bytes, const std::vector<std::string>& what, bool deflate = false) {
    EXPECT_EQ(said(bytes, bytes.size(), deflate), what);
    EXPECT_EQ(said(bytes, 1, deflate), what) << "byte by byte";
}

using Said = std::vector<std::string>;

TEST(WebSocketReader, ReadsMessagesWholeAndInPieces) {
    expect(frame(0x81, "hello"), {"text:hello"});
    expect(frame(0x82, std::string_view("\x00\xFF", 2)),
           {std::string("binary:") + std::string("\x00\xFF", 2)});
    expect(frame(0x01, "he") + frame(0x00, "") + frame(0x80, "llo") + frame(0x81, "!"),
           {"text:hello", "text:!"});
    expect(frame(0x81, std::string(300, 'x')), {"text:" + std::string(300, 'x')});
    expect(frame(0x81, ""), {"text:"});
}

TEST(WebSocketReader, Rt14AnswersAPingInsideOfAFragmentedMessage) {
    expect(frame(0x01, "he") + frame(0x89, "still there?") + frame(0x80, "llo"),
           {"ping:still there?", "text:hello"});
}

TEST(WebSocketReader, Rt14RefusesWhatRfc6455Forbids) {
    const std::vector<std::pair<const char*, std::string>> broken{
        {"RSV1 without deflate", frame(0xC1, "x")},
        {"RSV2", frame(0xA1, "x")},
        {"RSV3", frame(0x91, "x")},
        {"opcode 3", frame(0x83, "x")},
        {"opcode 11", frame(0x8B, "x")},
        {"not masked", frame(0x81, "x", false)},
        {"continuation of nothing", frame(0x80, "x")},
        {"a message inside a message", frame(0x01, "x") + frame(0x81, "y")},
        {"fragmented ping", frame(0x09, "x")},
        {"long ping", frame(0x89, std::string(126, 'x'))},
        {"length not in its shortest form", std::string("\x81\xFE\x00\x05", 4) + "mmmmhello"},
        {"length with the highest bit", std::string("\x82\xFF\x80\x00\x00\x00\x00\x00\x00\x00mmmm", 14)},
    };
    for (const auto& [what, bytes] : broken) {
        EXPECT_EQ(said(bytes, bytes.size()), Said{"failed:1002"}) << what;
        EXPECT_EQ(said(bytes, 1), Said{"failed:1002"}) << what;
    }
}

TEST(WebSocketReader, Rt14JudgesCloseFrames) {
    auto close_with = [](unsigned code, std::string_view reason = "") {
        return frame(
            0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)}.append(reason));
    };
    for (unsigned code : {1000U, 1001U, 1003U, 1007U, 1011U, 3000U, 4999U})
        expect(close_with(code, "bye"), {"close:" + std::to_string(code)});
    expect(frame(0x88, ""), {"close:1005"});
    for (unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 2999U, 5000U, 65535U})
        expect(close_with(code), {"failed:1002"});
    expect(frame(0x88, "x"), {"failed:1002"});
    expect(close_with(1000, "\xFF"), {"failed:1007"});
}

TEST(WebSocketReader, Rt14RefusesTextThatIsNotUtf8AsSoonAsItIsSeen) {
    for (std::string_view text : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"})
        expect(frame(0x81, text), {"failed:1007"});
    // The message isn't over, but nothing can mend it.
    expect(frame(0x01, "ok \xF0\x9F\x98") + frame(0x00, "x"), {"failed:1007"});
    expect(frame(0x01, "\xF0\x9F") + frame(0x80, "\x98\x80"), {"text:\xF0\x9F\x98\x80"});
    expect(frame(0x82, "\xFF"), {"binary:\xFF"});
}

TEST(WebSocketReader, Rt14JudgesSizeByWhatIsAnnounced) {
    std::string head = frame(0x82, std::string(bytes_max + 1, 'x')).substr(0, 8);
    expect(head, {"failed:1009"});
    expect(frame(0x02, std::string(bytes_max, 'x')) + frame(0x80, "y"), {"failed:1009"});
    expect(frame(0x82, std::string(bytes_max, 'x')), {"binary:" + std::string(bytes_max, 'x')});
}

TEST(WebSocketReader, Rt4InflatesWithinItsLimit) {
    std::string text(bytes_max, 'a');
    expect(frame(0xC1, deflated(text)) + frame(0x81, "plain"), {"text:" + text, "text:plain"}, true);
    std::string zeros;
    zeros.resize(100'000'000);
    std::string bomb = deflated(zeros);
    EXPECT_EQ(inflated(bomb, bytes_max).state, Inflated::State::too_big);
    expect(frame(0xC1, deflated(text + "a")), {"failed:1009"}, true);
    expect(frame(0xC1, "\xFF\xFF garbage"), {"failed:1007"}, true);
    expect(frame(0xC1, deflated("\xFF")), {"failed:1007"}, true);
    expect(frame(0x41, deflated(text).substr(0, 2)) + frame(0xC0, "x"), {"failed:1002"}, true);
}

TEST(WebSocketReader, Rt4TakesOnlyOffersItCanKeep) {
    EXPECT_TRUE(offers_deflate("permessage-deflate; client_max_window_bits"));
    EXPECT_TRUE(offers_deflate("x-unknown, permessage-deflate"));
    EXPECT_TRUE(offers_deflate("permessage-deflate; server_max_window_bits=10, permessage-deflate"));
    EXPECT_FALSE(offers_deflate("permessage-deflate; server_max_window_bits=10"));
    EXPECT_FALSE(offers_deflate("permessage-deflate; unknown"));
    EXPECT_FALSE(offers_deflate(""));
}

TEST(WebSocketHandshake, AnswersTheKeyOfRfc6455) {
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace realtime
