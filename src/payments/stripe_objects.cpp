#include "payments/stripe_objects.hpp"

#include "core/currency.hpp"
#include "core/json_read.hpp"

namespace payments::stripe {
namespace {

using boost::json::object;

// Stripe takes these with two decimals more than they have.
constexpr std::array<std::string_view, 2> hundredfold{"ISK", "UGX"};

std::string_view text_at(const object& json, std::string_view name) {
    const auto* value = json.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

std::optional<std::int64_t> integer_at(const object& json, std::string_view name) {
    const auto* value = json.if_contains(name);
    const auto* integer = value ? value->if_int64() : nullptr;
    return integer ? std::optional(*integer) : std::nullopt;
}

const object* object_at(const object& json, std::string_view name) {
    const auto* value = json.if_contains(name);
    return value ? value->if_object() : nullptr;
}

// An object's id where Stripe gives either the id or, expanded, the object.
std::string_view id_at(const object& json, std::string_view name) {
    const auto* expanded = object_at(json, name);
    return expanded ? text_at(*expanded, "id") : text_at(json, name);
}

std::optional<core::Currency> currency_at(const object& json) {
    std::string code(text_at(json, "currency"));
    for (char& c : code) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    auto currency = core::Currency::from_text(code);
    return currency ? std::optional(*currency) : std::nullopt;
}

template <class Id>
std::optional<Id> named_in_metadata(const object& json, std::string_view name) {
    const auto* metadata = object_at(json, "metadata");
    return metadata ? Id::from_text(text_at(*metadata, name)) : std::nullopt;
}

// The status of a PaymentIntent. After a refusal by the bank it is as before the first try, with an error.
std::optional<PaymentState> state_of(std::string_view status, bool has_error) {
    if (status == "requires_payment_method") return has_error ? PaymentState::failed : PaymentState::pending;
    if (status == "requires_confirmation" || status == "requires_action") return PaymentState::pending;
    if (status == "processing") return PaymentState::processing;
    if (status == "requires_capture") return PaymentState::authorized;
    if (status == "succeeded") return PaymentState::paid;
    if (status == "canceled") return PaymentState::voided;
    return {};
}

std::optional<CallState> refund_state_of(std::string_view status) {
    if (status == "pending" || status == "requires_action") return CallState::pending;
    if (status == "succeeded") return CallState::done;
    if (status == "failed" || status == "canceled") return CallState::refused;
    return {};
}

}  // namespace

std::optional<std::int64_t> to_stripe(const core::Money& money) {
    const std::int64_t amount = money.amount;
    if (std::ranges::count(hundredfold, money.currency.text()) > 0) return amount * 100;
    // Of three decimals the last must be 0.
    if (core::find_minor_units(money.currency.text()) == 3 && amount % 10 != 0) return {};
    return amount;
}

core::Money from_stripe(std::int64_t amount, const core::Currency& currency) {
    const bool is_hundredfold = std::ranges::count(hundredfold, currency.text()) > 0;
    return {is_hundredfold ? amount / 100 : amount, currency};
}

std::optional<PaymentReport> payment_from(const object& intent) {
    const auto* error = object_at(intent, "last_payment_error");
    const auto state = state_of(text_at(intent, "status"), error != nullptr);
    const auto amount = integer_at(intent, "amount");
    const auto currency = currency_at(intent);
    const auto id = text_at(intent, "id");
    if (text_at(intent, "object") != "payment_intent" || id.empty() || !state || !amount || !currency)
        return {};
    PaymentReport report{.reference = std::string(id),
                         .payment = named_in_metadata<PaymentId>(intent, "kontor_payment"),
                         .state = *state,
                         .amount = from_stripe(*amount, *currency)};
    if (*state == PaymentState::paid)
        report.captured = from_stripe(integer_at(intent, "amount_received").value_or(0), *currency).amount;
    if (error) report.failure = std::string(text_at(*error, "message"));
    if (const auto secret = text_at(intent, "client_secret"); !secret.empty())
        report.client_secret = std::string(secret);
    return report;
}

std::optional<RefundReport> refund_from(const object& refund) {
    const auto state = refund_state_of(text_at(refund, "status"));
    const auto amount = integer_at(refund, "amount");
    const auto currency = currency_at(refund);
    const auto id = text_at(refund, "id");
    if (text_at(refund, "object") != "refund" || id.empty() || !state || !amount || !currency) return {};
    RefundReport report{.reference = std::string(id),
                        .payment_reference = std::string(id_at(refund, "payment_intent")),
                        .call = named_in_metadata<CallId>(refund, "kontor_refund"),
                        .state = *state,
                        .amount = from_stripe(*amount, *currency)};
    if (const auto why = text_at(refund, "failure_reason"); !why.empty()) report.failure = std::string(why);
    return report;
}

std::optional<Event> event_from(std::string_view json) {
    auto parsed = core::parse_json(json);
    const auto* body = parsed ? parsed->if_object() : nullptr;
    if (!body || text_at(*body, "object") != "event" || text_at(*body, "id").empty()) return {};
    const std::int64_t second = integer_at(*body, "created").value_or(0);
    Event event{.id = std::string(text_at(*body, "id")), .created_at = {second * 1000 + 999}};
    const auto* data = object_at(*body, "data");
    const auto* subject = data ? object_at(*data, "object") : nullptr;
    if (!subject) return event;
    if (auto payment = payment_from(*subject)) event.report = std::move(*payment);
    if (auto refund = refund_from(*subject)) event.report = std::move(*refund);
    return event;
}

std::string refusal_from(std::string_view json) {
    auto parsed = core::parse_json(json);
    const auto* body = parsed ? parsed->if_object() : nullptr;
    const auto* error = body ? object_at(*body, "error") : nullptr;
    return error ? std::string(text_at(*error, "message")) : "The provider gave no reason.";
}

}  // namespace payments::stripe
