// The answers of Engine.IO over HTTP, as npm's engine.io words them.
#pragma once

#include "http/message.hpp"

#include <string>

namespace realtime {

enum class EngineError {
    unknown_transport,
    unknown_session,
    bad_handshake_method,
    bad_request,
    forbidden,
    unsupported_version
};

// 400, or 403 for forbidden, with {"code", "message"}; `message` replaces the usual words.
http::Reply engine_error(EngineError error, std::string_view message = {});

http::Reply poll_answer(std::string body);
http::Reply post_answer();
http::Reply too_large_answer();

}  // namespace realtime
