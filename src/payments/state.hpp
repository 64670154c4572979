// What the parts of a Payments share.
#pragma once

#include "payments/manual.hpp"
#include "payments/stripe.hpp"

namespace payments {

struct Payments::State {
    State(Settings given, store::Database& db);

    const Settings settings;
    store::Database& database;
    Manual manual;
    Stripe stripe;
    async::Pool callers;  // for customers who wait for the provider's answer
    outbound::Worker worker;

    bool takes_cards() const { return !settings.stripe.secret_key.empty(); }
    Provider& provider(ProviderName name);

    // The worker's round: a call that is due, else a payment to ask after.
    std::chrono::milliseconds round(const std::stop_token& stop);
    bool make_due_call(const std::stop_token& stop);
    bool look_after_one(const std::stop_token& stop);
};

}  // namespace payments
