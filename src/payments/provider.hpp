// The seam between the shop and whoever moves the money. A provider is asked outside of any transaction; what
// it answers is settled in one of its own. The same call may be made again after a crash: its key makes that
// harmless.
#pragma once

#include "payments/states.hpp"

#include "core/id.hpp"
#include "core/money.hpp"

#include <optional>
#include <stop_token>
#include <string>

namespace payments {

using PaymentId = core::Id<"pay">;
using CallId = core::Id<"pcl">;

struct Call {
    CallId id;  // the key: a provider does what it names once
    CallKind kind = CallKind::authorise;
    PaymentId payment;
    core::OrderId order;
    std::string order_number;
    std::string reference;  // the provider's name of the payment; empty before it has one
    core::Money amount;     // of the payment, or of the refund
    bool captures_later = false;
    std::optional<std::string> reason;  // of a refund, in staff's words
};

// What a provider says of a payment.
struct PaymentReport {
    std::string reference;
    std::optional<PaymentId> payment;  // if it was told which one it is
    PaymentState state = PaymentState::pending;
    core::Money amount;
    std::int64_t captured = 0;
    std::optional<std::string> failure;        // why the bank said no, in words for the customer
    std::optional<std::string> client_secret;  // with which the customer's browser goes on; never stored
};

// …and of a refund.
struct RefundReport {
    std::string reference;
    std::string payment_reference;
    std::optional<CallId> call;  // if it was told which one it is; staff can refund at the provider's, too
    CallState state = CallState::done;
    core::Money amount;
    std::optional<std::string> failure;
};

struct Outcome {
    enum class Kind {
        done,     // with what is true now in `payment` or `refund`
        refused,  // it won't be done, and asking again changes nothing
        unknown,  // no answer, or one that says nothing: ask again
    };
    Kind kind = Kind::unknown;
    std::optional<PaymentReport> payment = {};
    std::optional<RefundReport> refund = {};
    std::string why = {};  // of refused and unknown
};

class Provider {
public:
    virtual ~Provider() = default;
    // False for one that only keeps books: asking it costs nothing and always works.
    virtual bool is_remote() const = 0;
    // Blocks until there is an answer, a timeout, or `stop` asks to break off, which counts as unknown.
    virtual Outcome perform(const Call& call, const std::stop_token& stop) = 0;
    // How the payment stands, without changing anything.
    virtual Outcome look_up(const std::string& reference, const std::stop_token& stop) = 0;
};

}  // namespace payments
