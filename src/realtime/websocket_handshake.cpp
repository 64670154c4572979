#include "realtime/websocket_handshake.hpp"

#include "realtime/base64.hpp"
#include "realtime/deflate.hpp"

#include <openssl/evp.h>

#include <array>
#include <cctype>

namespace realtime {
namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr std::size_t key_bytes = 16;

// Whether a comma-separated list names `token`, whatever its case.
bool lists(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        while (item.starts_with(' '))
            item.remove_prefix(1);
        while (item.ends_with(' '))
            item.remove_suffix(1);
        auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == b; };
        if (std::ranges::equal(item, token, same)) return true;
    }
    return false;
}

http::Reply plain(unsigned status, std::string text) {
    http::Reply reply;
    reply.status = status;
    reply.content_type = "text/plain; charset=UTF-8";
    reply.body = std::make_shared<const std::string>(std::move(text));
    return reply;
}

}  // namespace

bool asks_for_websocket(const http::Request& request) {
    return lists(request.header("upgrade"), "websocket") && lists(request.header("connection"), "upgrade");
}

std::optional<http::Reply> refuse_websocket(const http::Request& request) {
    if (request.method != http::Method::get) return plain(400, "A WebSocket begins with a GET.");
    if (request.header("sec-websocket-version") != "13") {
        http::Reply reply = plain(426, "This server speaks WebSocket version 13.");
        reply.add_header("sec-websocket-version", "13");
        return reply;
    }
    auto key = from_base64(request.header("sec-websocket-key"));
    if (!key || key->size() != key_bytes) return plain(400, "Sec-WebSocket-Key must be 16 bytes in base64.");
    return {};
}

std::string websocket_accept(std::string_view key) {
    std::string text = std::string(key).append(guid);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    return to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

std::string websocket_answer(const http::Request& request, bool deflate) {
    std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        "sec-websocket-accept: ";
    answer += websocket_accept(request.header("sec-websocket-key"));
    if (deflate) answer.append("\r\nsec-websocket-extensions: ").append(deflate_answer);
    return answer.append("\r\n\r\n");
}

}  // namespace realtime
