#include "realtime/engine_replies.hpp"

#include "core/json_write.hpp"

namespace realtime {
namespace {

constexpr std::array<std::string_view, 6> messages{
    "Transport unknown", "Session ID unknown", "Bad handshake method",
    "Bad request",       "Forbidden",          "Unsupported protocol version"};

http::Reply text(unsigned status, std::string body) {
    http::Reply reply;
    reply.status = status;
    reply.content_type = "text/plain; charset=UTF-8";
    reply.body = std::make_shared<const std::string>(std::move(body));
    return reply;
}

}  // namespace

http::Reply engine_error(EngineError error, std::string_view message) {
    auto code = static_cast<std::size_t>(error);
    std::string body = "{\"code\":" + std::to_string(code) + ",\"message\":";
    core::write_json_string(body, message.empty() ? messages[code] : message);
    return http::Reply::json(error == EngineError::forbidden ? 403 : 400, body + "}");
}

http::Reply poll_answer(std::string body) {
    return text(200, std::move(body));
}

http::Reply post_answer() {
    http::Reply reply = text(200, "ok");
    reply.compressible = false;
    return reply;
}

http::Reply too_large_answer() {
    return text(413, "");
}

}  // namespace realtime
