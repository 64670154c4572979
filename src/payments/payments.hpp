// Payments: how an order comes to its money, and how money goes back. Two providers: `manual`, where staff
// note what came by bank transfer or in cash, and `stripe`. A provider is never called inside a transaction:
// what it is to do is a row of the transaction that decides it, a worker (or the waiting request) asks the
// provider, and a second transaction settles the answer. Whatever a crash leaves in between, the worker finds
// and finishes, under the same key. Orders are told through their front door; they know nothing of providers.
#pragma once

#include "orders/orders.hpp"
#include "payments/provider.hpp"

#include "async/pool.hpp"
#include "http/api.hpp"
#include "jobs/runner.hpp"
#include "outbound/worker.hpp"

namespace payments {

struct StripeSettings {
    std::string secret_key;                    // sk_…; empty: the shop takes no cards
    std::vector<std::string> webhook_secrets;  // whsec_…; several while one is replaced
    std::string url = "https://api.stripe.com";
};

struct Settings {
    StripeSettings stripe;
    std::chrono::hours pending_for{24};  // a customer who doesn't pay by then doesn't any more
};

enum class ProviderName { manual, stripe };
BOOST_DESCRIBE_ENUM(ProviderName, manual, stripe)

enum class PaymentMethod { card, bank_transfer, cash, other };
BOOST_DESCRIBE_ENUM(PaymentMethod, card, bank_transfer, cash, other)

enum class ManualMethod { bank_transfer, cash, other };
BOOST_DESCRIBE_ENUM(ManualMethod, bank_transfer, cash, other)

enum class CaptureMode { automatic, manual };
BOOST_DESCRIBE_ENUM(CaptureMode, automatic, manual)

// `state`: waiting (the provider is being asked), pending (it will tell), done, refused.
struct Refund {
    CallId id;
    core::Money amount;
    CallState state = CallState::waiting;
    std::optional<std::string> reason;
    std::optional<std::string> failure;
    core::Time created_at;
    std::optional<core::Time> settled_at;
};
BOOST_DESCRIBE_STRUCT(Refund, (), (id, amount, state, reason, failure, created_at, settled_at))

struct Payment {
    PaymentId id;
    core::OrderId order_id;
    ProviderName provider = ProviderName::manual;
    PaymentMethod method = PaymentMethod::card;
    std::optional<std::string> reference;  // the provider's name of it, or staff's
    CaptureMode capture = CaptureMode::automatic;
    PaymentState status = PaymentState::pending;
    core::Money amount;
    core::Money captured;
    core::Money refunded;
    std::optional<std::string> failure;
    // For the customer's browser, in the answer to starting a payment only.
    std::optional<std::string> client_secret;
    std::vector<Refund> refunds;
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Payment, (),
                      (id, order_id, provider, method, reference, capture, status, amount, captured, refunded,
                       failure, client_secret, refunds, created_at, updated_at))

struct StartPayment {
    core::OrderId id;                  // the order
    std::optional<core::Email> email;  // a guest's key, together with the id
    std::optional<CaptureMode> capture;
};
BOOST_DESCRIBE_STRUCT(StartPayment, (), (id, email, capture))

struct PaymentsQuery {
    core::OrderId id;
    std::optional<core::Email> email;
};
BOOST_DESCRIBE_STRUCT(PaymentsQuery, (), (id, email))

struct PaymentPath {
    PaymentId id;
};
BOOST_DESCRIBE_STRUCT(PaymentPath, (), (id))

struct RefundPayment {
    PaymentId id;
    std::optional<core::Int<1, core::amount_max>> amount;  // in the payment's currency; default: all of it
    std::optional<core::Text<1, 500>> reason;
};
BOOST_DESCRIBE_STRUCT(RefundPayment, (), (id, amount, reason))

struct MarkPaid {
    core::OrderId id;
    std::optional<ManualMethod> method;
    std::optional<core::Text<1, 200>> reference;  // as it stands on the bank statement
    std::optional<core::Text<0, 1000>> note;
};
BOOST_DESCRIBE_STRUCT(MarkPaid, (), (id, method, reference, note))

// The order's whole total came outside the shop. Gives up a payment that the customer had only begun.
// Conflict if one is further than that.
core::Result<orders::Order> mark_paid(store::Tx& tx, const core::Caller& caller, const MarkPaid& in);

class Payments {
public:
    Payments(Settings settings, store::Database& database);
    ~Payments();

    // Whoever may read the order pays it. One payment is on its way at a time: asking again answers that one,
    // with a fresh client secret. Errors: not_found, invalid_transition (paid or cancelled already), conflict
    // (no cards are taken here), overloaded (the provider doesn't answer; the worker goes on trying).
    boost::asio::awaitable<core::Result<Payment>> start_payment(const core::Caller& caller, StartPayment in);

    // What a provider sent: counted once, whenever and however often it comes. Errors: bad_request for one
    // whose signature isn't the provider's or is older than five minutes.
    boost::asio::awaitable<core::Result<void>> hear_stripe(std::string_view signature, std::string_view body,
                                                           core::Time now);

    // The rules below are writes; those of staff trust that the route has asked for orders:write.
    core::Result<core::List<Payment>> list_payments(store::Tx& tx, const core::Caller& caller,
                                                    const PaymentsQuery& in) const;
    core::Result<Payment> get_payment(store::Tx& tx, const core::Caller& caller, const PaymentPath& in) const;
    core::Result<Payment> capture(store::Tx& tx, const core::Caller& caller, const PaymentPath& in) const;
    core::Result<Payment> cancel(store::Tx& tx, const core::Caller& caller, const PaymentPath& in) const;
    // 422 at `amount` if less is left to refund, counting refunds on their way.
    core::Result<Payment> refund(store::Tx& tx, const core::Caller& caller, const RefundPayment& in) const;

    void add_routes(http::Api& api);
    // Cancelled orders: gives up what was only promised, gives back what was paid if nothing has left.
    jobs::Follower follow_cancelled_orders() const;
    jobs::Schedule forget_old_events() const;

    // Owns the thread that makes calls and asks after payments that stay undecided.
    void start();
    void stop();
    // Customers whose payment is being begun with the provider, or who wait for it.
    std::size_t starting() const;
    // Part of Database::on_commit.
    void on_commit(std::span<const store::Event> events);

    struct State;  // for this room's own files

private:
    std::unique_ptr<State> state_;
};

}  // namespace payments
