// What can go wrong in a way that a caller can expect. Rules return core::Result; exceptions are kept for
// bugs and broken I/O. http/problem.cpp holds the one map from these codes to HTTP statuses.
#pragma once

#include <boost/describe/enum.hpp>
#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core {

// The `code` member of a problem document (API.md, Errors). A UNIQUE or CHECK constraint that a client can
// run into carries the name of its code, so the database decides the race and the name becomes the answer.
enum class ErrorCode {
    moved_permanently,  // with the new address as `location`
    invalid_json,
    invalid_parameter,
    bad_request,
    target_too_long,
    headers_too_large,
    http_version_not_supported,
    request_timeout,
    unauthenticated,
    token_expired,
    invalid_credentials,
    refresh_token_reused,
    forbidden,
    mfa_required,
    reauthentication_required,
    not_found,
    method_not_allowed,
    conflict,
    email_taken,
    slug_taken,
    sku_taken,
    out_of_stock,
    stock_reserved,
    cart_empty,
    cart_ordered,
    price_changed,
    currency_mismatch,
    discount_unavailable,
    discount_code_taken,
    tax_rate_taken,
    not_deliverable,
    category_not_empty,
    category_cycle,
    product_ordered,
    invalid_transition,
    idempotency_key_reused,
    stale,
    body_too_large,
    unsupported_media_type,
    unknown_field,
    validation_failed,
    rate_limited,
    internal,
    overloaded,
};
BOOST_DESCRIBE_ENUM(ErrorCode, moved_permanently, invalid_json, invalid_parameter, bad_request,
                    target_too_long, headers_too_large, http_version_not_supported, request_timeout,
                    unauthenticated, token_expired, invalid_credentials, refresh_token_reused, forbidden,
                    mfa_required, reauthentication_required, not_found, method_not_allowed, conflict,
                    email_taken, slug_taken, sku_taken, out_of_stock, stock_reserved, cart_empty,
                    cart_ordered, price_changed, currency_mismatch, discount_unavailable, discount_code_taken,
                    tax_rate_taken, not_deliverable, category_not_empty, category_cycle, product_ordered,
                    invalid_transition, idempotency_key_reused, stale, body_too_large, unsupported_media_type,
                    unknown_field, validation_failed, rate_limited, internal, overloaded)

inline std::string_view name_of(ErrorCode code) {
    return boost::describe::enum_to_string(code, "internal");
}

// One member of a request that was refused: `field` is a JSON Pointer (RFC 6901) into the body, or a
// parameter's name.
struct FieldError {
    std::string field;
    std::string code;
    std::string message;
};

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string detail;
    std::vector<FieldError> fields;
    boost::json::object extra;  // further members of the problem document (RFC 9457 §3.2)
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
    return std::unexpected(Error{code, std::move(detail), {}, {}});
}

inline std::unexpected<Error> fail(ErrorCode code, std::string detail, boost::json::object extra) {
    return std::unexpected(Error{code, std::move(detail), {}, std::move(extra)});
}

// A rule that one named member of the request breaks: 422 validation_failed pointing at it.
inline std::unexpected<Error> fail_field(std::string field, std::string code, std::string message) {
    Error error{ErrorCode::validation_failed, message, {}, {}};
    error.fields.push_back({std::move(field), std::move(code), std::move(message)});
    return std::unexpected(std::move(error));
}

// 429 with `Retry-After`: the same call may be made again then.
inline std::unexpected<Error> fail_until(std::int64_t retry_after_seconds, std::string detail) {
    return fail(ErrorCode::rate_limited, std::move(detail), {{"retry_after_seconds", retry_after_seconds}});
}

inline std::unexpected<Error> not_found(std::string_view what) {
    return fail(ErrorCode::not_found, "There is no such " + std::string(what) + ".");
}

}  // namespace core
