// SE-13, SE-14 without sockets: what is read as a request, what is refused, and that no cut of the bytes
// matters.
#include "http/request_reader.hpp"

#include <gtest/gtest.h>

namespace http {
namespace {

using State = RequestReader::State;

struct Read {
    State state = State::idle;
    unsigned refused_status = 0;
    std::string method, target, body;
    std::vector<std::string> bodies;
    bool keep_alive = false;
};

void feed(InputBuffer& input, std::string_view bytes) {
    auto room = input.prepare(bytes.size());
    std::ranges::copy(bytes, room.begin());
    input.commit(bytes.size());
}

// Reads what `bytes` holds, fed `step` bytes at a time.
Read read(std::string_view bytes, std::size_t step = std::string_view::npos, const Limits& limits = {}) {
    RequestReader reader(limits);
    InputBuffer input;
    Request request;
    Read result;
    while (true) {
        feed(input, bytes.substr(0, step));
        bytes.remove_prefix(std::min(step, bytes.size()));
        while ((result.state = reader.next(input, request)) == State::ready) {
            result.method = request.method_name;
            result.target = request.target;
            result.body = request.body;
            result.bodies.emplace_back(request.body);
            result.keep_alive = request.keep_alive;
            reader.finish(input);
        }
        if (result.state == State::refused) result.refused_status = reader.refusal().status;
        if (result.state == State::refused || bytes.empty()) return result;
    }
}

TEST(RequestReader, ReadsPipelinedRequestsHoweverTheBytesAreCut) {
    std::string bytes =
        "GET /a?x=1 HTTP/1.1\r\nHost: shop\r\n\r\n"
        "POST /b HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello"
        "\r\n"
        "POST /c HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;ext=1\r\nabc\r\n0a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
        "GET /d HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";
    for (std::size_t step : {1UL, 2UL, 3UL, 7UL, 50UL, 1000UL}) {
        Read result = read(bytes, step);
        EXPECT_EQ(result.state, State::idle) << step;
        EXPECT_EQ(result.bodies, (std::vector<std::string>{"", "hello", "abc0123456789", ""})) << step;
        EXPECT_EQ(result.target, "/d");
        EXPECT_FALSE(result.keep_alive);
    }
}

TEST(RequestReader, RefusesAmbiguousFraming_SE14) {
    const std::string line = "POST / HTTP/1.1\r\n";
    const std::string host = "Host: shop\r\n";
    const std::pair<const char*, std::string> cases[] = {
        {"CL and TE", line + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {"CL twice", line + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"},
        {"CL list", line + host + "Content-Length: 3, 3\r\n\r\n"},
        {"CL sign", line + host + "Content-Length: +3\r\n\r\n"},
        {"CL hex", line + host + "Content-Length: 0x3\r\n\r\n"},
        {"CL empty", line + host + "Content-Length:\r\n\r\n"},
        {"CL huge", line + host + "Content-Length: 99999999999999999999\r\n\r\n"},
        {"TE other", line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
        {"TE twice", line + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {"TE odd", line + host + "Transfer-Encoding: xchunked\r\n\r\n"},
        {"TE in 1.0", "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n"},
        {"space before colon", line + host + "Content-Length : 3\r\n\r\n"},
        {"obs-fold", line + host + "X: a\r\n b\r\n\r\n"},
        {"fold first", line + " X: a\r\n" + host + "\r\n"},
        {"bare LF", line + host + "X: a\nY: b\r\n\r\n"},
        {"bare LF at the end", line + "Host: shop\n\n"},
        {"bare CR", line + host + "X: a\rY: b\r\n\r\n"},
        {"NUL in a value", line + host + std::string("X: a\0b\r\n\r\n", 10)},
        {"NUL in the line", std::string("GET /\0 HTTP/1.1\r\nHost: s\r\n\r\n", 28)},
        {"no colon", line + host + "Nonsense\r\n\r\n"},
        {"no name", line + host + ": x\r\n\r\n"},
        {"odd name", line + host + "X[1]: x\r\n\r\n"},
        {"no host", line + "\r\n"},
        {"two hosts", line + host + host + "\r\n"},
        {"host with path", line + "Host: shop/x\r\n\r\n"},
        {"host with space", line + "Host: a b\r\n\r\n"},
        {"host with user", line + "Host: a@b\r\n\r\n"},
        {"host port letters", line + "Host: shop:80x\r\n\r\n"},
        {"tab in the line", "GET\t/ HTTP/1.1\r\n" + host + "\r\n"},
        {"two spaces", "GET  / HTTP/1.1\r\n" + host + "\r\n"},
        {"no target", "GET HTTP/1.1\r\n" + host + "\r\n"},
        {"fragment", "GET /#x HTTP/1.1\r\n" + host + "\r\n"},
        {"high byte in the target", "GET /\xC3\xA4 HTTP/1.1\r\n" + host + "\r\n"},
        {"lower-case version", "GET / http/1.1\r\n" + host + "\r\n"},
        {"version 1.10", "GET / HTTP/1.10\r\n" + host + "\r\n"},
        {"star for GET", "GET * HTTP/1.1\r\n" + host + "\r\n"},
        {"chunk size sign", line + host + "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n"},
        {"chunk size 0x", line + host + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"},
        {"chunk size empty", line + host + "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n"},
        {"chunk size space", line + host + "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n"},
        {"chunk size bare LF", line + host + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n"},
        {"chunk longer than said", line + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"},
        {"chunk extension with LF",
         line + host + "Transfer-Encoding: chunked\r\n\r\n3;a\nb\r\nabc\r\n0\r\n\r\n"},
        {"trailer without colon", line + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nnonsense\r\n\r\n"},
    };
    for (const auto& [name, bytes] : cases) {
        for (std::size_t step : {1UL, 4096UL}) {
            Read result = read(bytes, step);
            EXPECT_EQ(result.state, State::refused) << name << " step " << step;
            EXPECT_EQ(result.refused_status, 400U) << name;
            EXPECT_TRUE(result.bodies.empty()) << name;
        }
    }
}

TEST(RequestReader, KeepsItsLimits_SE13) {
    const std::string start = "GET / HTTP/1.1\r\nHost: shop\r\n";
    std::string many_headers = start;
    for (int i = 0; i < 101; ++i)
        many_headers += "X" + std::to_string(i) + ": y\r\n";
    std::string large_headers = start;
    for (int i = 0; i < 3; ++i)
        large_headers += "X: " + std::string(6000, 'y') + "\r\n";
    const std::tuple<const char*, std::string, unsigned> cases[] = {
        {"line", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: shop\r\n\r\n", 414},
        {"line without end", "GET /" + std::string(17000, 'a'), 414},
        {"one header", start + "X: " + std::string(9000, 'y') + "\r\n\r\n", 431},
        {"header count", many_headers + "\r\n", 431},
        {"all headers", large_headers + "\r\n", 431},
        {"declared body", "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1048577\r\n\r\n", 413},
        {"chunked body", "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n",
         413},
        {"chunk line",
         "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(300, 'x'),
         400},
        {"version", "GET / HTTP/2.0\r\nHost: shop\r\n\r\n", 505},
        {"expectation", "POST / HTTP/1.1\r\nHost: shop\r\nExpect: gold\r\nContent-Length: 1\r\n\r\n", 417},
    };
    for (const auto& [name, bytes, status] : cases) {
        EXPECT_EQ(read(bytes).refused_status, status) << name;
    }
}

TEST(RequestReader, TakesTheAbsoluteForm) {
    EXPECT_EQ(read("GET http://shop:8080/v1/x?y=1 HTTP/1.1\r\nHost: shop\r\n\r\n").target, "/v1/x?y=1");
    EXPECT_EQ(read("GET http://shop HTTP/1.1\r\nHost: shop\r\n\r\n").target, "/");
}

TEST(RequestReader, SaysContinueOnceAndOnlyWhenTheBodyIsAwaited) {
    Limits limits;
    RequestReader reader(limits);
    InputBuffer input;
    Request request;
    feed(input, "POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(reader.next(input, request), State::in_body);
    EXPECT_TRUE(reader.take_continue());
    EXPECT_EQ(reader.next(input, request), State::in_body);
    EXPECT_FALSE(reader.take_continue());
    feed(input, "ok");
    EXPECT_EQ(reader.next(input, request), State::ready);
    EXPECT_EQ(request.body, "ok");
}

TEST(RequestReader, HandsOutTheBodyOfAnUploadAsItArrives) {
    const std::string body(5000, 'u');
    const std::string sized = "POST /up HTTP/1.1\r\nHost: shop\r\nContent-Length: 5000\r\n\r\n" + body;
    std::string chunked = "POST /up HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += 1000)
        chunked += "3e8\r\n" + body.substr(at, 1000) + "\r\n";
    chunked += "0\r\n\r\n";
    const Limits limits{.body_bytes_max = 100};
    for (const std::string& request_bytes : {sized, chunked}) {
        for (std::size_t step : {1UL, 13UL, 999UL, 100'000UL}) {
            RequestReader reader(limits,
                                 [](const Request& head) { return head.path == "/up" ? 5000UL : 0UL; });
            InputBuffer input;
            Request request;
            std::string bytes = request_bytes + "GET /next HTTP/1.1\r\nHost: shop\r\n\r\n";
            std::string drained;
            std::size_t largest = 0;
            auto state = RequestReader::State::idle;
            while (state != RequestReader::State::ready && !bytes.empty()) {
                feed(input, std::string_view(bytes).substr(0, step));
                bytes.erase(0, step);
                state = reader.next(input, request);
                ASSERT_NE(state, RequestReader::State::refused) << step;
                if (reader.in_upload()) reader.drain(input, drained);
                largest = std::max(largest, input.size());
            }
            ASSERT_EQ(state, RequestReader::State::ready) << step;
            EXPECT_EQ(drained, body) << step;
            EXPECT_EQ(request.path, "/up") << step;
            EXPECT_LE(largest, 100 + 2 * step) << "nothing of it stays in memory";
            reader.finish(input);
            feed(input, bytes);
            EXPECT_EQ(reader.next(input, request), RequestReader::State::ready) << step;
            EXPECT_EQ(request.path, "/next") << "what follows is untouched";
        }
    }
    EXPECT_EQ(read(sized, 100'000, limits).refused_status, 413u) << "elsewhere it is a body like any other";
}

}  // namespace
}  // namespace http
