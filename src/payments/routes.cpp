#include "payments/payments.hpp"

#include "http/problem.hpp"

namespace payments {
namespace {

// A rule of Payments as an endpoint.
template <class Out, class In>
auto rule(const Payments& payments,
          core::Result<Out> (Payments::*function)(store::Tx&, const core::Caller&, const In&) const) {
    return [&payments, function](store::Tx& tx, const core::Caller& caller, const In& in) {
        return (payments.*function)(tx, caller, in);
    };
}

}  // namespace

void Payments::add_routes(http::Api& api) {
    constexpr auto staff = http::needs(core::Permission::orders_write);
    api.room("payments");
    api.post("/v1/orders/{id}/payments", http::everyone,
             "Begin to pay an order by card; the answer's client_secret is for Stripe's script")
        .answers(201)
        .runs([this](const core::Caller& caller,
                     StartPayment in) -> boost::asio::awaitable<core::Result<Payment>> {
            auto payment = co_await start_payment(caller, std::move(in));
            co_return payment;
        });
    api.get("/v1/orders/{id}/payments", http::everyone,
            "List the payments of an order; a guest's by id and e-mail")
        .reads(rule(*this, &Payments::list_payments));
    api.post("/v1/orders/{id}/mark-paid", staff,
             "Note that an order was paid outside the shop: by bank transfer, in cash")
        .writes(mark_paid);
    api.get("/v1/payments/{id}", http::needs(core::Permission::orders_read), "Read a payment")
        .reads(rule(*this, &Payments::get_payment));
    api.post("/v1/payments/{id}/capture", staff, "Take the money that an authorised payment promised")
        .answers(202)
        .writes(rule(*this, &Payments::capture));
    api.post("/v1/payments/{id}/void", staff, "Give up a payment that has not been taken")
        .answers(202)
        .writes(rule(*this, &Payments::cancel));
    api.post("/v1/payments/{id}/refund", staff, "Give money back: all that is left, or a part")
        .answers(202)
        .writes(rule(*this, &Payments::refund));
    api.raw_post(
        "/v1/payments/stripe/events", "Take an event from Stripe, signed with the endpoint's secret",
        [this](const http::Request& request, const http::Parameters&) -> boost::asio::awaitable<http::Reply> {
            auto heard =
                co_await hear_stripe(request.header("stripe-signature"), request.body, request.arrived);
            if (!heard) co_return http::problem(heard.error(), request.request_id);
            co_return http::Reply::json(200, "{\"received\":true}");
        });
}

}  // namespace payments
