// Errors as application/problem+json (RFC 9457): the one map from error codes to HTTP statuses.
#pragma once

#include "http/message.hpp"

#include <boost/json/object.hpp>

namespace http {

unsigned status_of(core::ErrorCode code);

// The reason phrase of RFC 9110 §15, also used as a problem's title.
std::string_view reason_of(unsigned status);

// An answer that ends the connection where `status` says that framing is broken or time ran out is the
// session's business; this only words it.
Reply problem(const core::Error& error, std::string_view request_id);
Reply problem(unsigned status, const core::Error& error, std::string_view request_id);

// JSON Schema of what problem() writes.
boost::json::object problem_schema();

}  // namespace http
