#include "http/wire.hpp"

#include "http/gzip.hpp"
#include "http/problem.hpp"

#include "core/json_write.hpp"

#include <ctime>

namespace http {
namespace {

constexpr std::string_view security_headers =
    "x-content-type-options: nosniff\r\n"
    "x-frame-options: DENY\r\n"
    "referrer-policy: no-referrer\r\n"
    "strict-transport-security: max-age=31536000; includeSubDomains\r\n";

// Whether Accept-Encoding lists gzip (or *) with a weight above zero (RFC 9110 §12.5.3).
bool takes_gzip(std::string_view accepted) {
    while (!accepted.empty()) {
        std::string_view item = accepted.substr(0, accepted.find(','));
        accepted.remove_prefix(std::min(accepted.size(), item.size() + 1));
        while (item.starts_with(' '))
            item.remove_prefix(1);
        bool named = item.starts_with("gzip") || item.starts_with('*');
        bool refused = item.ends_with("q=0") || item.ends_with("q=0.0");
        if (named && !refused) return true;
    }
    return false;
}

void line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view DateText::at(core::Time now) {
    std::int64_t second = now.ms / 1000;
    if (second != second_) {
        second_ = second;
        std::time_t time = second;
        std::tm utc{};
        gmtime_r(&time, &utc);
        char text[40];
        text_.assign(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc));
    }
    return text_;
}

Outgoing negotiate(const Request& request, Reply& reply, std::size_t gzip_bytes_min) {
    Outgoing outgoing;
    outgoing.status = reply.status;
    outgoing.keep_alive = request.keep_alive;
    bool is_read = request.method == Method::get || request.method == Method::head;
    if (is_read && reply.status == 200 && !reply.etag.empty() &&
        names_tag(request.header("if-none-match"), reply.etag)) {
        outgoing.status = 304;
        return outgoing;
    }
    if (!reply.body) return outgoing;
    outgoing.body = reply.body;
    if (reply.compressible && reply.body->size() >= gzip_bytes_min &&
        takes_gzip(request.header("accept-encoding"))) {
        if (!reply.gzipped_body) reply.gzipped_body = gzipped(*reply.body);
        if (reply.gzipped_body && reply.gzipped_body->size() < reply.body->size()) {
            outgoing.body = reply.gzipped_body;
            outgoing.gzipped = true;
        }
    }
    outgoing.content_length = outgoing.body->size();
    if (request.method == Method::head) outgoing.body = nullptr;
    return outgoing;
}

void write_head(std::string& out, const Request& request, const Reply& reply, const Outgoing& outgoing,
                const Cors& cors, std::string_view date) {
    out.append("HTTP/1.1 ");
    core::write_json_integer(out, outgoing.status);
    out.append(" ").append(reason_of(outgoing.status)).append("\r\n");
    line(out, "date", date);
    bool may_have_body = outgoing.status != 204 && outgoing.status != 304;
    if (may_have_body) {
        if (reply.body || reply.parts) line(out, "content-type", reply.content_type);
        if (reply.parts) {
            if (!request.is_http_1_0) line(out, "transfer-encoding", "chunked");
        } else {
            out.append("content-length: ");
            core::write_json_integer(out, static_cast<std::int64_t>(outgoing.content_length));
            out.append("\r\n");
        }
    }
    if (outgoing.gzipped) line(out, "content-encoding", "gzip");
    if (!reply.etag.empty()) {
        out.append("etag: \"")
            .append(reply.etag)
            .append(outgoing.gzipped ? gzip_tag_suffix : "")
            .append("\"\r\n");
    }
    line(out, "cache-control", reply.cache_control);
    line(out, "vary", "Accept-Encoding, Authorization, Origin");
    line(out, "x-request-id", request.request_id);
    line(out, "content-security-policy", reply.content_security_policy);
    out.append(security_headers).append(reply.headers);
    cors.add_headers(request, out);
    if (!outgoing.keep_alive) {
        out.append("connection: close\r\n");
    }
    out.append("\r\n");
}

}  // namespace http
