// Stripe's JSON as reports. What isn't understood is said to be nothing, never guessed.
#pragma once

#include "payments/provider.hpp"

#include "core/time.hpp"

#include <boost/json/object.hpp>

#include <variant>

namespace payments::stripe {

// Money as Stripe counts it: in ISO 4217's minor units, with exceptions. Empty if Stripe can't take that sum.
std::optional<std::int64_t> to_stripe(const core::Money& money);
core::Money from_stripe(std::int64_t amount, const core::Currency& currency);

// Of a PaymentIntent and of a Refund. Empty if the object isn't one.
std::optional<PaymentReport> payment_from(const boost::json::object& intent);
std::optional<RefundReport> refund_from(const boost::json::object& refund);

struct Event {
    std::string id;
    core::Time created_at;  // the end of the second that Stripe names
    std::variant<std::monostate, PaymentReport, RefundReport> report;  // nothing: of a kind we don't ask for
};
// Empty if the text isn't an event.
std::optional<Event> event_from(std::string_view json);

// Why a request was refused, in Stripe's words.
std::string refusal_from(std::string_view json);

}  // namespace payments::stripe
