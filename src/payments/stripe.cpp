#include "payments/stripe.hpp"

#include "payments/stripe_objects.hpp"

#include "core/json_read.hpp"

namespace payments {
namespace {

constexpr std::string_view api_version = "2024-06-20";  // answers keep its shape whatever the account's is
constexpr std::size_t answer_bytes_max = 256 * 1024;    // a PaymentIntent has some 3 KB
constexpr std::chrono::seconds answer_timeout{15};

// application/x-www-form-urlencoded (WHATWG URL §5.2).
std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '*';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
        }
    }
    return out;
}

// Whether the answer says something about the request: what it says of us (a wrong key, too many requests, a
// repetition that came while the first was under way) or of Stripe's own trouble may pass.
bool is_refusal(std::int64_t status) {
    return status == 400 || status == 402 || status == 404;
}

Outcome unknown(std::string why) {
    return {.kind = Outcome::Kind::unknown, .why = std::move(why)};
}

Outcome refused(std::string why) {
    return {.kind = Outcome::Kind::refused, .why = std::move(why)};
}

Outcome outcome_of(const outbound::HttpAnswer& answer) {
    if (!answer.status) return unknown(*answer.error);
    if (is_refusal(*answer.status)) return refused(stripe::refusal_from(answer.body));
    if (!answer.is_success())
        return unknown("status " + std::to_string(*answer.status) + ": " + stripe::refusal_from(answer.body));
    auto parsed = core::parse_json(answer.body);
    const auto* object = parsed ? parsed->if_object() : nullptr;
    if (!object) return unknown("the answer is no JSON object");
    if (auto payment = stripe::payment_from(*object))
        return {.kind = Outcome::Kind::done, .payment = std::move(payment)};
    if (auto refund = stripe::refund_from(*object))
        return {.kind = Outcome::Kind::done, .refund = std::move(refund)};
    return unknown("the answer is neither a payment nor a refund");
}

}  // namespace

Stripe::Stripe(StripeSettings settings) : settings_(std::move(settings)) {}

outbound::HttpAnswer Stripe::ask(std::string method, const std::string& path, const Form& form,
                                 std::string_view idempotency_key, const std::stop_token& stop) {
    outbound::HttpRequest request{.method = std::move(method),
                                  .url = settings_.url + path,
                                  .headers = {"authorization: Bearer " + settings_.secret_key,
                                              "stripe-version: " + std::string(api_version)},
                                  .answer_bytes_max = answer_bytes_max,
                                  .timeout = answer_timeout};
    if (!idempotency_key.empty())
        request.headers.push_back("idempotency-key: " + std::string(idempotency_key));
    for (const auto& [name, value] : form)
        request.body += (request.body.empty() ? "" : "&") + encoded(name) + "=" + encoded(value);
    return client_.send(std::move(request), stop);
}

outbound::HttpAnswer Stripe::refund(const Call& call, const std::stop_token& stop) {
    return ask("POST", "/v1/refunds",
               {{"payment_intent", call.reference},
                {"amount", std::to_string(stripe::to_stripe(call.amount).value())},
                {"metadata[kontor_refund]", call.id.str()}},
               call.id.text(), stop);
}

Outcome Stripe::perform(const Call& call, const std::stop_token& stop) {
    const auto amount = stripe::to_stripe(call.amount);
    if (!amount) return refused("Stripe takes no sum with thousandths that don't end in 0.");
    const std::string intent = "/v1/payment_intents/" + encoded(call.reference);
    switch (call.kind) {
        case CallKind::authorise: {
            std::string currency(call.amount.currency.text());
            for (char& c : currency)
                c = static_cast<char>(c - 'A' + 'a');
            return outcome_of(ask("POST", "/v1/payment_intents",
                                  {{"amount", std::to_string(*amount)},
                                   {"currency", currency},
                                   {"capture_method", call.captures_later ? "manual" : "automatic"},
                                   {"automatic_payment_methods[enabled]", "true"},
                                   {"description", "Order " + call.order_number},
                                   {"metadata[kontor_order]", call.order.str()},
                                   {"metadata[kontor_payment]", call.payment.str()}},
                                  call.id.text(), stop));
        }
        case CallKind::capture: return outcome_of(ask("POST", intent + "/capture", {}, call.id.text(), stop));
        case CallKind::cancel: return outcome_of(ask("POST", intent + "/cancel", {}, call.id.text(), stop));
        case CallKind::refund: return outcome_of(refund(call, stop));
    }
    throw std::logic_error("a call of no kind");
}

Outcome Stripe::look_up(const std::string& reference, const std::stop_token& stop) {
    return outcome_of(ask("GET", "/v1/payment_intents/" + encoded(reference), {}, {}, stop));
}

}  // namespace payments
