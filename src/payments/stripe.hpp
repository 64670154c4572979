// Stripe: PaymentIntents, refunds and events, as its API of the version below documents them. Written from
// that documentation and tested against a server that speaks it (docs/payments.md).
#pragma once

#include "payments/payments.hpp"

#include "outbound/client.hpp"

namespace payments {

class Stripe : public Provider {
public:
    explicit Stripe(StripeSettings settings);

    bool is_remote() const override { return true; }
    Outcome perform(const Call& call, const std::stop_token& stop) override;
    Outcome look_up(const std::string& reference, const std::stop_token& stop) override;

private:
    using Form = std::vector<std::pair<std::string, std::string>>;
    outbound::HttpAnswer ask(std::string method, const std::string& path, const Form& form,
                             std::string_view idempotency_key, const std::stop_token& stop);
    outbound::HttpAnswer refund(const Call& call, const std::stop_token& stop);

    StripeSettings settings_;
    outbound::Client client_{outbound::Reach::anywhere};  // where it goes is the operator's word
};

}  // namespace payments
