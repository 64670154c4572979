#include "http/cors.hpp"

#include <algorithm>

namespace http {
namespace {

constexpr std::string_view request_headers =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Refresh-Token, X-Request-Id";
constexpr std::string_view exposed_headers =
    "Content-Disposition, ETag, Idempotent-Replayed, Retry-After, X-Request-Id";
constexpr std::string_view preflight_seconds = "600";

}  // namespace

std::string allow_value(const std::vector<Method>& methods) {
    std::string value;
    for (Method method : methods) {
        value += name_of(method);
        value += method == Method::get ? ", HEAD, " : ", ";
    }
    return value + "OPTIONS";
}

bool Cors::allows(std::string_view origin) const {
    return std::ranges::any_of(
        origins_, [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

void Cors::add_headers(const Request& request, std::string& headers) const {
    if (origins_.empty()) return;
    std::string_view origin = request.header("origin");
    bool any = origins_.front() == "*";
    if (!any && (origin.empty() || !allows(origin))) return;
    headers.append("access-control-allow-origin: ").append(any ? "*" : origin).append("\r\n");
    headers.append("access-control-expose-headers: ").append(exposed_headers).append("\r\n");
    // Cookies of ours for the origins that were named; never for just anybody.
    if (std::ranges::find(origins_, origin) != origins_.end())
        headers.append("access-control-allow-credentials: true\r\n");
}

bool Cors::is_preflight(const Request& request) const {
    return request.method == Method::options && !request.header("origin").empty() &&
           !request.header("access-control-request-method").empty();
}

Reply Cors::preflight(const Request& request, const std::vector<Method>& allowed) const {
    Reply reply;
    reply.status = 204;
    if (allows(request.header("origin"))) {
        reply.add_header("access-control-allow-methods", allow_value(allowed));
        reply.add_header("access-control-allow-headers", request_headers);
        reply.add_header("access-control-max-age", preflight_seconds);
    }
    return reply;
}

}  // namespace http
