// The arithmetic of quotes: one rounding rule, and lines that always add up to the total.
#include "pricing/calculation.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace pricing {
namespace {

constexpr std::int64_t percent = 10'000;  // in ppm
const core::Time now{1'000'000};

Basket basket(std::vector<BasketLine> lines) {
    Basket basket;
    basket.currency = core::Currency::trusted("EUR");
    basket.lines = std::move(lines);
    basket.destination = Destination{core::CountryCode::trusted("DE"), ""};
    return basket;
}

TaxRate tax(std::int64_t rate_ppm, bool included) {
    TaxRate rate;
    rate.name = "VAT";
    rate.rate_ppm = rate_ppm;
    rate.included = included;
    rate.on_shipping = true;
    return rate;
}

Discount code(DiscountKind kind, std::int64_t value) {
    Discount discount;
    discount.code = "SUMMER";
    discount.kind = kind;
    (kind == DiscountKind::percent ? discount.percent_ppm : discount.amount) = value;
    return discount;
}

ShippingMethod flat(std::int64_t price, std::optional<std::int64_t> free_from = {}) {
    ShippingMethod method;
    method.name = "Parcel";
    method.price = price;
    method.free_from = free_from;
    return method;
}

Rules shipping(std::vector<ShippingMethod> methods) {
    Rules rules;
    rules.methods = std::move(methods);
    rules.ships_anywhere = true;
    return rules;
}

TEST(Calculation, RoundsHalvesAwayFromZero) {
    EXPECT_EQ(part_of(50, 1 * percent), 1);  // 0.5
    EXPECT_EQ(part_of(49, 1 * percent), 0);  // 0.49
    EXPECT_EQ(part_of(1999, 88'750), 177);   // 8.875 % of 19.99 is 1.7741
    EXPECT_EQ(tax_within(1190, 19 * percent), 190);
    EXPECT_EQ(tax_within(1999, 19 * percent), 319);  // 3.1917
    EXPECT_EQ(part_of(core::amount_max, ppm_of_whole), core::amount_max);
}

TEST(Calculation, DividesWithoutLosingACent) {
    EXPECT_EQ(divided(100, std::vector<std::int64_t>{1, 1, 1}), (std::vector<std::int64_t>{34, 33, 33}));
    EXPECT_EQ(divided(1, std::vector<std::int64_t>{1, 9}), (std::vector<std::int64_t>{0, 1}));
    EXPECT_EQ(divided(0, std::vector<std::int64_t>{5, 5}), (std::vector<std::int64_t>{0, 0}));
    EXPECT_EQ(divided(7, std::vector<std::int64_t>{0, 0}), (std::vector<std::int64_t>{0, 0}));
}

TEST(Calculation, WithoutTermsGoodsAreAllThereIs) {
    auto quote = calculate(basket({{1900, 2, 0}, {450, 1, 0}}), {}, now);
    EXPECT_EQ(quote.total, 2350);
    EXPECT_EQ(quote.shipping, 0);
    EXPECT_EQ(quote.tax, 0);
    EXPECT_TRUE(quote.obstacles.empty());
}

TEST(Calculation, AddsTaxOrFindsItInThePrice) {
    Rules rules;
    rules.tax = tax(19 * percent, true);
    auto included = calculate(basket({{1190, 1, 0}, {595, 1, 0}}), rules, now);
    EXPECT_EQ(included.tax, 285);
    EXPECT_EQ(included.total, 1785);
    EXPECT_TRUE(included.prices_include_tax);
    rules.tax = tax(88'750, false);
    auto added = calculate(basket({{1999, 1, 0}, {1999, 1, 0}}), rules, now);
    EXPECT_EQ(added.tax, 354);  // 177 a line, not 355 of the sum
    EXPECT_EQ(added.total, 3998 + 354);
}

TEST(Calculation, TaxesWhatIsLeftAfterTheDiscount) {
    Rules rules = shipping({flat(500)});
    rules.tax = tax(20 * percent, false);
    rules.discount = code(DiscountKind::percent, 10 * percent);
    auto goods = basket({{1000, 1, 0}, {2000, 1, 0}});
    goods.discount_code = "summer";
    auto quote = calculate(goods, rules, now);
    EXPECT_EQ(quote.discount, 300);
    EXPECT_EQ(quote.lines[0].discount, 100);
    EXPECT_EQ(quote.lines[0].tax, 180);
    EXPECT_EQ(quote.lines[1].tax, 360);
    EXPECT_EQ(quote.terms.tax->shipping_tax, 100);
    EXPECT_EQ(quote.total, 2700 + 500 + 640);
}

TEST(Calculation, TakesNoMoreOffThanThereIs) {
    Rules rules;
    rules.discount = code(DiscountKind::fixed, 5000);
    auto goods = basket({{1000, 1, 0}, {333, 1, 0}});
    goods.discount_code = "SUMMER";
    auto quote = calculate(goods, rules, now);
    EXPECT_EQ(quote.discount, 1333);
    EXPECT_EQ(quote.total, 0);
}

TEST(Calculation, SaysWhyACodeIsRefused) {
    auto refusal = [](auto change) {
        Rules rules;
        rules.discount = code(DiscountKind::percent, 10 * percent);
        change(*rules.discount);
        auto goods = basket({{1000, 1, 0}});
        goods.discount_code = "SUMMER";
        auto quote = calculate(goods, rules, now);
        EXPECT_EQ(quote.discount, quote.obstacles.empty() ? 100 : 0);
        return quote.obstacles.empty() ? "" : quote.obstacles.front().code;
    };
    const std::string refused = "discount_unavailable";
    EXPECT_EQ(refusal([](Discount&) {}), "");
    EXPECT_EQ(refusal([](Discount& d) { d.active = false; }), refused);
    EXPECT_EQ(refusal([](Discount& d) { d.starts_at = core::Time{now.ms + 1}; }), refused);
    EXPECT_EQ(refusal([](Discount& d) { d.starts_at = now; }), "");
    EXPECT_EQ(refusal([](Discount& d) { d.ends_at = now; }), refused);
    EXPECT_EQ(refusal([](Discount& d) { d.ends_at = core::Time{now.ms + 1}; }), "");
    EXPECT_EQ(refusal([](Discount& d) { d.minimum = 1001; }), refused);
    EXPECT_EQ(refusal([](Discount& d) { d.minimum = 1000; }), "");
    EXPECT_EQ(refusal([](Discount& d) { d.currency = core::Currency::trusted("USD"); }), refused);
    EXPECT_EQ(refusal([](Discount& d) { d.uses_max = d.uses = 3; }), refused);
    auto goods = basket({{1000, 1, 0}});
    goods.discount_code = "NONE";
    EXPECT_EQ(calculate(goods, {}, now).obstacles.front().code, refused);
}

TEST(Calculation, ShipsTheCheapestWayUnlessOneIsChosen) {
    Rules rules = shipping({flat(900), flat(500), flat(500)});
    rules.methods[0].id = ShippingMethodId::at({1});
    rules.methods[1].id = ShippingMethodId::at({2});
    auto goods = basket({{1000, 1, 0}});
    auto quote = calculate(goods, rules, now);
    EXPECT_EQ(quote.shipping, 500);
    EXPECT_EQ(quote.terms.shipping->id, rules.methods[1].id);
    goods.shipping_method_id = rules.methods[0].id;
    EXPECT_EQ(calculate(goods, rules, now).shipping, 900);
    goods.shipping_method_id = ShippingMethodId::at({3});
    EXPECT_EQ(calculate(goods, rules, now).obstacles.front().code, "shipping_method_unavailable");
    rules.methods.clear();
    goods.shipping_method_id.reset();
    EXPECT_EQ(calculate(goods, rules, now).obstacles.front().code, "not_deliverable");
    goods.destination.reset();
    EXPECT_TRUE(calculate(goods, rules, now).obstacles.empty());
}

TEST(Calculation, ShipsByWeightAndFreeOverASum) {
    ShippingMethod by_weight = flat(0, 10'000);
    by_weight.kind = ShippingKind::by_weight;
    by_weight.tiers = {{1000, 400}, {5000, 900}};
    Rules rules = shipping({by_weight});
    auto cost = [&](std::int64_t total, std::int64_t quantity, std::int64_t grams) -> std::int64_t {
        auto quote = calculate(basket({{total, quantity, grams}}), rules, now);
        return quote.obstacles.empty() ? quote.shipping : -1;
    };
    EXPECT_EQ(cost(5000, 2, 500), 400);
    EXPECT_EQ(cost(5000, 1, 1001), 900);
    EXPECT_EQ(cost(5000, 1, 5001), -1);
    EXPECT_EQ(cost(9999, 1, 1), 400);
    EXPECT_EQ(cost(10'000, 1, 1), 0);
    rules.discount = code(DiscountKind::free_shipping, 0);
    auto goods = basket({{5000, 1, 1}});
    goods.discount_code = "SUMMER";
    auto quote = calculate(goods, rules, now);
    EXPECT_EQ(quote.shipping, 0);
    EXPECT_EQ(quote.total, 5000);
}

// Whatever the figures: parts add up to sums, sums to the total, and nothing is negative.
TEST(Calculation, AlwaysAddsUp) {
    std::mt19937_64 random(20'111'209);
    auto up_to = [&](std::int64_t max) {
        return std::uniform_int_distribution<std::int64_t>(0, max)(random);
    };
    for (int round = 0; round < 20'000; ++round) {
        std::vector<BasketLine> lines(static_cast<std::size_t>(1 + up_to(7)));
        for (auto& line : lines)
            line = {up_to(round % 3 ? 5000 : 90'000'000'000), 1 + up_to(20), up_to(2000)};
        auto goods = basket(lines);
        Rules rules = shipping({flat(up_to(2000), up_to(9000))});
        rules.tax = tax(up_to(300'000), round % 2 == 0);
        rules.discount = code(round % 5 ? DiscountKind::percent : DiscountKind::fixed, up_to(ppm_of_whole));
        if (round % 4) goods.discount_code = "SUMMER";
        auto quote = calculate(goods, rules, now);
        std::int64_t subtotal = 0;
        std::int64_t discount = 0;
        std::int64_t line_tax = 0;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            subtotal += lines[i].total;
            discount += quote.lines[i].discount;
            line_tax += quote.lines[i].tax;
            ASSERT_GE(lines[i].total, quote.lines[i].discount);
        }
        ASSERT_EQ(quote.subtotal, subtotal);
        ASSERT_EQ(quote.discount, discount);
        ASSERT_EQ(quote.tax, line_tax + quote.terms.tax->shipping_tax);
        ASSERT_EQ(quote.total,
                  subtotal - discount + quote.shipping + (quote.prices_include_tax ? 0 : quote.tax));
        ASSERT_GE(quote.total, 0);
    }
}

}  // namespace
}  // namespace pricing
