#include "http/problem.hpp"

#include "core/json_write.hpp"

#include <boost/json/array.hpp>

namespace http {
namespace {

constexpr std::int64_t retry_after_default_s = 1;  // of 429 and 503 that nothing better is known about

std::string retry_after(const core::Error& error) {
    const auto* seconds = error.extra.if_contains("retry_after_seconds");
    return std::to_string(seconds ? seconds->as_int64() : retry_after_default_s);
}

// What there is to say where a constraint of the database refused: its name is the code, and it knows no
// more.
std::string_view detail_of(core::ErrorCode code) {
    using enum core::ErrorCode;
    switch (code) {
        case email_taken:
            return "There is an account with this e-mail address. Log in, or ask for a new password.";
        case slug_taken: return "Another one has this slug. Choose a different one, or leave it out.";
        case sku_taken: return "Another variant of the shop has this SKU.";
        case discount_code_taken: return "There is a discount with this code.";
        case tax_rate_taken: return "There is a tax rate for this country and region.";
        default: return {};
    }
}

}  // namespace

unsigned status_of(core::ErrorCode code) {
    using enum core::ErrorCode;
    switch (code) {
        case moved_permanently: return 301;
        case invalid_json:
        case invalid_parameter:
        case bad_request: return 400;
        case unauthenticated:
        case token_expired:
        case invalid_credentials:
        case refresh_token_reused: return 401;
        case forbidden:
        case mfa_required:
        case reauthentication_required: return 403;
        case not_found: return 404;
        case method_not_allowed: return 405;
        case request_timeout: return 408;
        case conflict:
        case email_taken:
        case slug_taken:
        case sku_taken:
        case out_of_stock:
        case stock_reserved:
        case cart_empty:
        case cart_ordered:
        case price_changed:
        case currency_mismatch:
        case discount_unavailable:
        case discount_code_taken:
        case tax_rate_taken:
        case not_deliverable:
        case category_not_empty:
        case category_cycle:
        case product_ordered:
        case invalid_transition:
        case idempotency_key_reused: return 409;
        case stale: return 412;
        case body_too_large: return 413;
        case target_too_long: return 414;
        case unsupported_media_type: return 415;
        case unknown_field:
        case validation_failed: return 422;
        case rate_limited: return 429;
        case headers_too_large: return 431;
        case internal: return 500;
        case overloaded: return 503;
        case http_version_not_supported: return 505;
    }
    return 500;
}

std::string_view reason_of(unsigned status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 301: return "Moved Permanently";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Unknown";
    }
}

Reply problem(const core::Error& error, std::string_view request_id) {
    return problem(status_of(error.code), error, request_id);
}

Reply problem(unsigned status, const core::Error& error, std::string_view request_id) {
    boost::json::object document = error.extra;
    document["type"] = "about:blank";
    document["title"] = reason_of(status);
    document["status"] = status;
    std::string_view detail = error.detail.empty() ? detail_of(error.code) : error.detail;
    if (!detail.empty()) document["detail"] = detail;
    document["code"] = core::name_of(error.code);
    document["request_id"] = request_id;
    if (!error.fields.empty()) {
        boost::json::array fields;
        for (const auto& field : error.fields) {
            fields.push_back({{"field", field.field}, {"code", field.code}, {"message", field.message}});
        }
        document["errors"] = std::move(fields);
    }
    Reply reply = Reply::json(status, boost::json::serialize(document));
    reply.content_type = "application/problem+json";
    if (status == 301) reply.add_header("Location", error.extra.at("location").as_string());
    if (status == 401) reply.add_header("WWW-Authenticate", "Bearer");
    if (status == 429 || status == 503) reply.add_header("Retry-After", retry_after(error));
    return reply;
}

boost::json::object problem_schema() {
    using boost::json::array;
    using boost::json::object;
    object text{{"type", "string"}};
    object field{{"type", "object"},
                 {"properties", object{{"field", text}, {"code", text}, {"message", text}}},
                 {"required", array{"field", "code", "message"}}};
    return {{"type", "object"},
            {"description", "A problem document (RFC 9457). `code` is for programs, `detail` for people."},
            {"properties", object{{"type", text},
                                  {"title", text},
                                  {"status", object{{"type", "integer"}}},
                                  {"detail", text},
                                  {"code", text},
                                  {"request_id", text},
                                  {"errors", object{{"type", "array"}, {"items", field}}}}},
            {"required", array{"type", "title", "status", "code", "request_id"}}};
}

}  // namespace http
