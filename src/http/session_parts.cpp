// Answers that are made while they are sent (http/parts.hpp), as chunks (RFC 9112 §7.1).
#include "http/session.hpp"

#include "http/parts.hpp"

#include "core/log.hpp"

#include <charconv>

namespace http {
namespace {

void add_chunk(std::string& out, std::string_view bytes) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, bytes.size(), 16).ptr;
    out.append(digits, end).append("\r\n").append(bytes).append("\r\n");
}

}  // namespace

// Behind its head. Answers how many bytes the parts had together. What can't be made ends the connection
// without the last chunk: the client sees that something is missing.
boost::asio::awaitable<std::size_t> Session::send_parts(Parts& parts) {
    const bool in_chunks = !call_.request.is_http_1_0;
    std::size_t bytes = 0;
    std::string failed;
    try {
        while (call_.request.method != Method::head) {
            std::string part = co_await parts.next();
            bytes += part.size();
            if (part.empty() && in_chunks) output_ += "0\r\n\r\n";
            if (part.empty()) break;
            in_chunks ? add_chunk(output_, part) : void(output_ += part);
            const bool sent = co_await flush();
            if (!sent) break;
            enter(Phase::answering);
        }
    } catch (const std::exception& failure) {
        failed = failure.what();
    }
    if (!socket_.is_open()) keep_alive_ = false;
    if (failed.empty()) co_return bytes;
    spdlog::error("http: an answer broke off: {} request_id={}", core::quoted(failed), request_id_);
    output_.clear();
    keep_alive_ = false;
    close();
    co_return bytes;
}

}  // namespace http
