// What providers say, in any order and any number of times, and what becomes of it.
#include "payments/settling.hpp"
#include "payments/stripe_objects.hpp"
#include "payments/stripe_signature.hpp"

#include "support/goods.hpp"
#include "support/people.hpp"
#include "support/test_database.hpp"

namespace payments {
namespace {

using support::must;
using enum PaymentState;

constexpr std::array all_states{pending, processing, failed, authorized, paid, voided};

TEST(PaymentStates, NeverComeBackFromAnEnd) {
    for (auto known : all_states) {
        for (auto told : all_states) {
            for (bool is_later : {false, true}) {
                const bool is_end = known == paid || known == voided;
                if (is_end) EXPECT_FALSE(counts(known, told, is_later));
                if (known == authorized)
                    EXPECT_EQ(counts(known, told, is_later), told == paid || told == voided);
            }
        }
    }
    EXPECT_TRUE(counts(failed, processing, true));
    EXPECT_FALSE(counts(failed, processing, false)) << "old news";
    EXPECT_TRUE(counts(pending, paid, false)) << "an end counts whenever it is told";
}

// Made with npm's stripe 17.7: webhooks.generateTestHeaderString({payload, secret, timestamp}).
TEST(StripeSignature, IsOfOneSecretOneBodyAndFiveMinutes_SE16) {
    const std::vector<std::string> secrets{"whsec_old", "whsec_test"};
    const std::string body = R"({"id":"evt_1"})";
    const std::string good =
        "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";
    const core::Time then{1'700'000'000'000};
    using std::chrono::minutes;
    EXPECT_TRUE(is_signed(good, body, secrets, then));
    EXPECT_TRUE(is_signed(good, body, secrets, then + minutes(5)));
    EXPECT_TRUE(is_signed("t=1700000000,v1=00,v0=11," + good.substr(13), body, secrets, then));
    EXPECT_FALSE(is_signed(good, body, secrets, then + minutes(5) + std::chrono::seconds(1)));
    EXPECT_FALSE(is_signed(good, body, secrets, then - minutes(5) - std::chrono::seconds(1)));
    EXPECT_FALSE(is_signed(good, body + " ", secrets, then));
    EXPECT_FALSE(is_signed(good, body, std::vector<std::string>{"whsec_other"}, then));
    EXPECT_FALSE(is_signed(good, body, {}, then));
    for (auto bad : {"", "t=", "t=1700000000", "v1=00", "t=1700000000,v1=", "t=x,v1=00", "=,=,=", ",,,",
                     "t=99999999999999999999,v1=00"}) {
        EXPECT_FALSE(is_signed(bad, body, secrets, then)) << bad;
    }
}

TEST(StripeMoney, IsMinorUnitsWithExceptions) {
    auto money = [](std::int64_t amount, const char* code) {
        return core::Money{amount, core::Currency::trusted(code)};
    };
    EXPECT_EQ(stripe::to_stripe(money(1999, "EUR")), 1999);
    EXPECT_EQ(stripe::to_stripe(money(500, "JPY")), 500);
    EXPECT_EQ(stripe::to_stripe(money(500, "ISK")), 50000);
    EXPECT_EQ(stripe::to_stripe(money(1230, "KWD")), 1230);
    EXPECT_EQ(stripe::to_stripe(money(1234, "KWD")), std::nullopt);
    EXPECT_EQ(stripe::from_stripe(50000, core::Currency::trusted("ISK")), money(500, "ISK"));
}

TEST(StripeEvents, AreReadOrAreNothing) {
    const auto event =
        stripe::event_from(R"({"id":"evt_1","object":"event","created":1700000000,"data":{"object":{
        "id":"pi_1","object":"payment_intent","amount":1999,"amount_received":1999,"currency":"eur",
        "status":"succeeded","metadata":{"kontor_payment":"nonsense"},"surprise":[1,2,{}]}}})");
    ASSERT_TRUE(event);
    const auto& report = std::get<PaymentReport>(event->report);
    EXPECT_EQ(report.state, paid);
    EXPECT_EQ(report.captured, 1999);
    EXPECT_FALSE(report.payment);
    for (auto none : {"", "[]", "null", "{}", R"({"object":"event"})", R"({"object":"event","id":7})"})
        EXPECT_FALSE(stripe::event_from(none)) << none;
    const auto strange = stripe::event_from(R"({"object":"event","id":"evt_2","data":{"object":{
        "object":"payment_intent","id":"pi_1","amount":"1999","currency":"eur","status":"succeeded"}}})");
    EXPECT_TRUE(std::holds_alternative<std::monostate>(strange.value().report));
}

class Settling : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        ann = support::sign_up(db(), "ann@example.com");
        staff = support::sign_up(db(), "mia@example.com", core::Role::manager);
        mug = support::put_on_sale(db(), "Mug", 1000, 50);
    }

    static users::PostalAddress home() {
        users::PostalAddress address;
        address.name = core::Text<1, 200>::trusted("Ann Example");
        address.line1 = core::Text<1, 200>::trusted("1 Main Street");
        address.city = core::Text<1, 100>::trusted("Hamburg");
        address.postal_code = core::Text<1, 20>::trusted("20095");
        return address;
    }
    orders::Order new_order() {
        return must(write([&](store::Tx& tx) -> core::Result<orders::Order> {
            auto cart = cart::open_cart(tx, ann, {}, {{}, {}, {{mug.variant, 2}}});
            if (!cart) return std::unexpected(std::move(cart.error()));
            orders::PlaceOrder order;
            order.cart_id = cart->id;
            order.shipping_address = home();
            return orders::place_order(tx, ann, order);
        }));
    }
    queries::PaymentRow begun(const orders::Order& order) {
        return must(write([&](store::Tx& tx) {
            queries::PaymentRow row{.id = PaymentId::at(tx.now()),
                                    .order_id = order.id,
                                    .provider = ProviderName::stripe,
                                    .reference = "pi_" + order.number,
                                    .currency = order.total.currency,
                                    .amount = order.total.amount};
            EXPECT_TRUE(queries::insert_payment(tx, row));
            return row;
        }));
    }
    void told(const queries::PaymentRow& payment, PaymentState state, std::int64_t at_ms) {
        PaymentReport report{.reference = *payment.reference,
                             .state = state,
                             .amount = payment.money(payment.amount),
                             .captured = state == paid ? payment.amount : 0};
        must(write([&](store::Tx& tx) { hear(tx, ProviderName::stripe, report, {at_ms}); }));
    }
    void told_refund(const queries::PaymentRow& payment, CallState state, std::int64_t amount) {
        RefundReport report{.reference = "re_1",
                            .payment_reference = *payment.reference,
                            .state = state,
                            .amount = payment.money(amount)};
        must(write([&](store::Tx& tx) { hear(tx, ProviderName::stripe, report); }));
    }
    queries::PaymentRow now(const queries::PaymentRow& payment) {
        return must(read([&](store::Tx& tx) { return queries::find_payment(tx, payment.id).value(); }));
    }
    orders::PaymentStatus status(const orders::Order& order) {
        return must(read([&](store::Tx& tx) { return orders::find_order(tx, order.id).value(); }))
            .payment_status;
    }

    core::Caller ann, staff;
    support::Goods mug;
};
KONTOR_ON_BOTH_ENGINES(Settling);

TEST_P(Settling, EndsTheSameWhateverTheOrderOfTheNews_SE16) {
    struct News {
        PaymentState state;
        std::int64_t at_ms;
    };
    std::vector<News> news{{pending, 1}, {processing, 2}, {failed, 3}, {paid, 4}};
    auto earlier = [](const News& a, const News& b) { return a.at_ms < b.at_ms; };
    do {
        auto order = new_order();
        auto payment = begun(order);
        for (const auto& [state, at_ms] : news)
            told(payment, state, at_ms);
        EXPECT_EQ(now(payment).status, paid);
        EXPECT_EQ(now(payment).captured, 2000);
        EXPECT_EQ(status(order), orders::PaymentStatus::paid);
    } while (std::ranges::next_permutation(news, earlier).found);
}

TEST_P(Settling, RefundsCountOnceAndCanComeBack_RE4) {
    auto order = new_order();
    auto payment = begun(order);
    told(payment, paid, 1);
    for (int i = 0; i < 3; ++i)
        told_refund(payment, CallState::done, 500);
    EXPECT_EQ(now(payment).refunded, 500);
    EXPECT_EQ(now(payment).refunding, 500);
    told_refund(payment, CallState::pending, 500);
    EXPECT_EQ(now(payment).refunded, 500) << "old news";
    EXPECT_EQ(status(order), orders::PaymentStatus::partially_refunded);
    told_refund(payment, CallState::refused, 500);
    told_refund(payment, CallState::done, 500);
    EXPECT_EQ(now(payment).refunded, 0);
    EXPECT_EQ(now(payment).refunding, 0);
    EXPECT_EQ(status(order), orders::PaymentStatus::paid);
}

TEST_P(Settling, OnlyOnePaymentIsOnItsWay_RE4) {
    auto order = new_order();
    auto first = begun(order);
    auto second = first;
    second.id = PaymentId::at(clock.now());
    second.reference = "pi_other";
    EXPECT_FALSE(must(write([&](store::Tx& tx) { return queries::insert_payment(tx, second); })));
    told(first, voided, 1);
    EXPECT_TRUE(must(write([&](store::Tx& tx) { return queries::insert_payment(tx, second); })));
}

TEST_P(Settling, AnAnswerThatComesTwiceIsSettledOnce_RE4) {
    auto order = new_order();
    auto payment = begun(order);
    told(payment, paid, 1);
    auto call = must(write([&](store::Tx& tx) {
        EXPECT_TRUE(queries::take_for_refund(tx, payment.id, 700));
        EXPECT_FALSE(queries::take_for_refund(tx, payment.id, 1400));
        auto row = queries::find_payment(tx, payment.id).value();
        return call_of(tx, row, queue_refund(tx, row, 700, "staff", {}));
    }));
    RefundReport done{.reference = "re_7",
                      .payment_reference = *payment.reference,
                      .call = call.id,
                      .amount = payment.money(700)};
    for (int i = 0; i < 2; ++i) {
        must(write([&](store::Tx& tx) { settle(tx, call, {.kind = Outcome::Kind::done, .refund = done}); }));
        must(write([&](store::Tx& tx) { hear(tx, ProviderName::stripe, done); }));
    }
    EXPECT_EQ(now(payment).refunded, 700);
}

}  // namespace
}  // namespace payments
