// Orders with shipping, tax and discount codes: what the cart showed is what the order says, and why.
#include "orders/orders_fixture.hpp"

#include "core/json_write.hpp"

#include <thread>

namespace orders {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;
using support::put_on_sale;

class OrderTerms : public OrderShop {
protected:
    void SetUp() override {
        OrderShop::SetUp();
        mug = put_on_sale(db(), "Mug", 1190, 1000);
        pricing::NewShippingMethod parcel;
        parcel.name = core::Text<1, 100>::trusted("Parcel");
        parcel.countries = {core::CountryCode::trusted("DE")};
        parcel.price = pricing::Amount(490);
        parcel.free_from = pricing::Amount(5000);
        must(write([&](store::Tx& tx) { return pricing::create_shipping_method(tx, staff, parcel); }));
        pricing::NewTaxRate vat;
        vat.name = core::Text<1, 100>::trusted("VAT");
        vat.rate_ppm = pricing::Ppm(190'000);
        vat.included = vat.on_shipping = true;
        must(write([&](store::Tx& tx) { return pricing::create_tax_rate(tx, staff, vat); }));
    }
    pricing::Discount add_code(const std::string& code, std::int64_t uses_max) {
        pricing::NewDiscount discount;
        discount.code = pricing::DiscountCode::trusted(code);
        discount.percent_ppm = core::Int<1, pricing::ppm_of_whole>(100'000);
        discount.uses_max = core::Int<1, 1'000'000'000>(uses_max);
        return must(write([&](store::Tx& tx) { return pricing::create_discount(tx, staff, discount); }));
    }
    PlaceOrder with_code(const std::string& code, std::int64_t quantity = 1) {
        auto in = command(cart_with(ann, {{mug.variant, quantity}}));
        in.discount_code = pricing::DiscountCode::trusted(code);
        return in;
    }
    std::int64_t uses_of(const pricing::Discount& discount) {
        return must(read([&](store::Tx& tx) { return pricing::get_discount(tx, staff, {discount.id}); }))
            .uses;
    }
    auto explained(core::OrderId id) {
        return must(read([&](store::Tx& tx) {
            return explain_order(tx, ann, {core::Text<1, 40>::trusted(id.str()), {}});
        }));
    }

    support::Goods mug;
};
KONTOR_ON_BOTH_ENGINES(OrderTerms);

TEST_P(OrderTerms, CostWhatTheCartShowed) {
    add_code("TEN", 100);
    auto cart = cart_with(ann, {{mug.variant, 2}});
    cart::CartChange change{cart, {}, {true, home()}, {}, {true, pricing::DiscountCode::trusted("ten")}};
    auto shown = must(write([&](store::Tx& tx) { return cart::change_cart(tx, ann, {}, change); }));
    EXPECT_EQ(shown.subtotal.amount, 2380);
    EXPECT_EQ(shown.discount_total.amount, 238);
    EXPECT_EQ(shown.shipping_total.amount, 490);
    EXPECT_EQ(shown.total.amount, 2632);
    EXPECT_TRUE(shown.requirements.empty());
    PlaceOrder in;
    in.cart_id = cart;
    in.expected_total = shown.total;
    auto order = must(place(ann, in));
    EXPECT_EQ(order.total, shown.total);
    EXPECT_EQ(order.tax_total, shown.tax_total);
    EXPECT_EQ(order.discount_code, "TEN");
    EXPECT_EQ(order.shipping_method, "Parcel");
    EXPECT_TRUE(order.prices_include_tax);
    EXPECT_EQ(order.lines[0].discount.amount, 238);
    EXPECT_EQ(order.lines[0].tax.amount, 342);  // 19 % in 21.42
    EXPECT_EQ(core::to_json(must(get(ann, order.id.text()))), core::to_json(order));
}

TEST_P(OrderTerms, ExplainEachNumber) {
    auto explanation = explained(order_of(ann, {{mug.variant, 5}}).id);
    ASSERT_EQ(explanation.sums.size(), 5U);
    EXPECT_EQ(explanation.sums[1].because, "no code was used");
    EXPECT_EQ(explanation.sums[2].because, "Parcel: 4.90 EUR, free from 50.00 EUR of goods");
    EXPECT_EQ(explanation.sums[3].because, "VAT 19 %, in the prices; 0.00 EUR of it for shipping");
    EXPECT_EQ(explanation.lines[0].because, "5 × 11.90 EUR, with VAT 19 %");
    EXPECT_EQ(explanation.sums[4].amount.amount, 5950);
}

TEST_P(OrderTerms, AreNotMadeWhereTheShopDoesNotDeliver) {
    auto in = command(cart_with(ann, {{mug.variant, 1}}));
    in.shipping_address->country = core::CountryCode::trusted("FR");
    EXPECT_EQ(error_code(place(ann, in)), ErrorCode::not_deliverable);
    in.shipping_address = home();
    in.shipping_method_id = pricing::ShippingMethodId::at(clock.now());
    EXPECT_EQ(error_code(place(ann, in)), ErrorCode::not_deliverable);
}

TEST_P(OrderTerms, GoWhereTheCountrysPostDelivers) {
    auto in = command(cart_with(ann, {{mug.variant, 1}}));
    auto refusals = [&] {
        std::vector<std::string> fields;
        auto refused = place(ann, in);
        EXPECT_EQ(error_code(refused), ErrorCode::validation_failed);
        for (const auto& field : refused.error().fields)
            fields.push_back(field.field);
        return fields;
    };
    using Fields = std::vector<std::string>;
    in.shipping_address->country = core::CountryCode::trusted("US");  // without a state
    in.shipping_address->postal_code = core::Text<1, 20>::trusted("SW1Y 4JH");
    EXPECT_EQ(refusals(), (Fields{"/shipping_address/region", "/shipping_address/postal_code"}));
    in.shipping_address->country = core::CountryCode::trusted("XX");
    EXPECT_EQ(refusals(), Fields{"/shipping_address/country"});
    in.shipping_address = home();
    in.billing_address = home();
    in.billing_address->postal_code = core::Text<1, 20>::trusted("2009");
    EXPECT_EQ(refusals(), Fields{"/billing_address/postal_code"});
    in.billing_address = home();
    must(place(ann, in));
}

TEST_P(OrderTerms, ACodeThatGivesNothingIsRefused) {
    auto cart = cart_with(ann, {{mug.variant, 1}});
    cart::CartChange change{cart, {}, {}, {}, {true, pricing::DiscountCode::trusted("NONE")}};
    EXPECT_EQ(error_code(write([&](store::Tx& tx) { return cart::change_cart(tx, ann, {}, change); })),
              ErrorCode::discount_unavailable);
    EXPECT_EQ(error_code(place(ann, with_code("NONE"))), ErrorCode::discount_unavailable);
}

TEST_P(OrderTerms, CancellingGivesTheUseOfACodeBackOnce) {
    auto code = add_code("ONCE", 1);
    auto order = must(place(ann, with_code("ONCE")));
    EXPECT_EQ(error_code(place(ann, with_code("ONCE"))), ErrorCode::discount_unavailable);
    must(cancel(ann, order.id));
    EXPECT_EQ(error_code(cancel(ann, order.id)), ErrorCode::invalid_transition);
    EXPECT_EQ(uses_of(code), 0);
    must(place(ann, with_code("ONCE")));
    EXPECT_EQ(uses_of(code), 1);
}

// SE-20: a code's last use, asked for by many orders at once.
TEST_P(OrderTerms, TheLastUseOfACodeGoesToOneOrder) {
    auto code = add_code("RACE", 2);
    std::vector<PlaceOrder> commands;
    for (int i = 0; i < 16; ++i)
        commands.push_back(with_code("RACE"));
    std::atomic<int> placed = 0;
    std::vector<std::jthread> threads;
    for (const auto& in : commands) {
        threads.emplace_back([&] {
            auto order = place(ann, in);
            if (order) ++placed;
            if (!order) EXPECT_EQ(order.error().code, ErrorCode::discount_unavailable);
        });
    }
    threads.clear();
    EXPECT_EQ(placed, 2);
    EXPECT_EQ(uses_of(code), 2);
    EXPECT_EQ(support::stock_of(db(), mug).reserved, 2);
}

}  // namespace
}  // namespace orders
