// Terms as staff set them and as baskets meet them, on both engines.
#include "pricing/pricing.hpp"

#include "support/people.hpp"
#include "support/test_database.hpp"

#include <thread>

namespace pricing {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

class Pricing : public support::OnBothEngines {
protected:
    static NewShippingMethod parcel(std::int64_t price, const std::vector<std::string>& countries = {}) {
        NewShippingMethod method;
        method.name = core::Text<1, 100>::trusted("Parcel");
        method.price = Amount(price);
        for (const auto& country : countries)
            method.countries.push_back(core::CountryCode::trusted(country));
        return method;
    }
    static NewTaxRate rate(std::string_view country, std::string region, std::int64_t ppm) {
        NewTaxRate rate;
        rate.name = core::Text<1, 100>::trusted("Sales tax");
        rate.country = core::CountryCode::trusted(country);
        rate.region = core::Text<0, 100>::trusted(std::move(region));
        rate.rate_ppm = Ppm(ppm);
        return rate;
    }
    static NewDiscount ten_percent(std::string code) {
        NewDiscount discount;
        discount.code = DiscountCode::trusted(std::move(code));
        discount.percent_ppm = core::Int<1, ppm_of_whole>(100'000);
        return discount;
    }
    static Basket goods_to(std::string_view country, std::string region = {}) {
        Basket basket;
        basket.currency = core::Currency::trusted("EUR");
        basket.lines = {{1000, 1, 100}};
        basket.destination = Destination{core::CountryCode::trusted(country), std::move(region)};
        return basket;
    }
    template <class In, class Out>
    auto run(core::Result<Out> (*rule)(store::Tx&, const core::Caller&, const In&),
             const std::type_identity_t<In>& in) {
        return write([&](store::Tx& tx) { return rule(tx, {}, in); });
    }
    Quote quoted(const Basket& basket) {
        return must(read([&](store::Tx& tx) {
            auto rules = ask_rules(tx, basket);
            return quote(basket, rules, tx.now());
        }));
    }
    auto use(const AppliedDiscount& discount, core::OrderId order, const std::string& email,
             std::optional<core::UserId> user = {}) {
        return write([&](store::Tx& tx) { return use_discount(tx, discount, order, user, email); });
    }
    AppliedDiscount applied(const std::string& code) {
        auto basket = goods_to("DE");
        basket.discount_code = code;
        return quoted(basket).terms.discount.value();
    }
    core::OrderId new_order() { return core::OrderId::at(clock.now()); }
};
KONTOR_ON_BOTH_ENGINES(Pricing);

TEST_P(Pricing, ShipsWhereAMethodGoes) {
    must(run(create_shipping_method, parcel(490, {"DE", "AT"})));
    auto far = parcel(1490);
    far.position = core::Int<0, 10'000>(1);
    must(run(create_shipping_method, far));
    EXPECT_EQ(quoted(goods_to("DE")).shipping, 490);
    EXPECT_EQ(quoted(goods_to("FR")).shipping, 1490);
    auto dollars = goods_to("DE");
    dollars.currency = core::Currency::trusted("USD");
    EXPECT_EQ(quoted(dollars).obstacles.front().code, "not_deliverable");
    auto offers = must(read([&](store::Tx& tx) {
        auto rules = ask_rules(tx, goods_to("AT"));
        return list_shipping_offers(goods_to("AT"), rules, tx.now());
    }));
    ASSERT_EQ(offers.size(), 2U);
    EXPECT_EQ(offers[1].price.amount, 1490);
}

TEST_P(Pricing, MethodsAreReplacedAndDeleted) {
    auto made = must(run(create_shipping_method, parcel(490, {"DE"})));
    ShippingMethodReplacement off{parcel(590, {"DE"}), made.id};
    off.active = false;
    EXPECT_FALSE(must(run(replace_shipping_method, off)).active);
    EXPECT_EQ(quoted(goods_to("DE")).shipping, 0);
    off.active = true;
    must(run(replace_shipping_method, off));
    EXPECT_EQ(quoted(goods_to("DE")).shipping, 590);
    must(run(delete_shipping_method, {made.id}));
    EXPECT_EQ(error_code(run(delete_shipping_method, {made.id})), ErrorCode::not_found);
    EXPECT_EQ(error_code(run(replace_shipping_method, off)), ErrorCode::not_found);
    EXPECT_TRUE(must(run(list_shipping_methods, {})).data.empty());
}

TEST_P(Pricing, TermsThatMakeNoSenseAreRefused) {
    auto field = [](const auto& result) { return result.error().fields.front().field; };
    auto method = parcel(490);
    method.price.reset();
    EXPECT_EQ(field(run(create_shipping_method, method)), "/price");
    method.kind = ShippingKind::by_weight;
    EXPECT_EQ(field(run(create_shipping_method, method)), "/tiers");
    method.tiers = {{2000, 100}, {1000, 200}};
    EXPECT_EQ(field(run(create_shipping_method, method)), "/tiers/1/up_to_grams");
    auto discount = ten_percent("A");
    discount.percent_ppm.reset();
    EXPECT_EQ(field(run(create_discount, discount)), "/percent_ppm");
    discount.kind = DiscountKind::fixed;
    EXPECT_EQ(field(run(create_discount, discount)), "/amount");
    discount.amount = core::Int<1, core::amount_max>(100);
    EXPECT_EQ(field(run(create_discount, discount)), "/currency");
    discount.currency = core::Currency::trusted("EUR");
    discount.starts_at = discount.ends_at = clock.now();
    EXPECT_EQ(field(run(create_discount, discount)), "/ends_at");
}

TEST_P(Pricing, ARegionsTaxGoesBeforeItsCountrys) {
    must(run(create_tax_rate, rate("US", "", 10'000)));
    must(run(create_tax_rate, rate("US", "ca", 72'500)));
    EXPECT_EQ(quoted(goods_to("US", "CA")).tax, 73);
    EXPECT_EQ(quoted(goods_to("US", "Ca")).tax, 73);
    EXPECT_EQ(quoted(goods_to("US", "NY")).tax, 10);
    EXPECT_EQ(quoted(goods_to("US")).tax, 10);
    EXPECT_EQ(quoted(goods_to("DE")).tax, 0);
    EXPECT_EQ(error_code(run(create_tax_rate, rate("US", "CA", 1))), ErrorCode::tax_rate_taken);
}

TEST_P(Pricing, CodesAreFoundInAnyCase) {
    must(run(create_discount, ten_percent("Summer-10")));
    EXPECT_EQ(error_code(run(create_discount, ten_percent("SUMMER-10"))), ErrorCode::discount_code_taken);
    auto basket = goods_to("DE");
    basket.discount_code = "summer-10";
    EXPECT_EQ(quoted(basket).discount, 100);
}

TEST_P(Pricing, ListsComeInPages) {
    for (int i = 0; i < 5; ++i)
        must(run(create_discount, ten_percent("CODE" + std::to_string(i))));
    TermsQuery query{core::PageLimit(2), {}};
    std::vector<std::string> codes;
    for (;;) {
        auto page = must(run(list_discounts, query));
        for (const auto& discount : page.data)
            codes.push_back(discount.code);
        if (!page.has_more) break;
        query.cursor = *core::Cursor::from_text(*page.next_cursor);
    }
    std::ranges::sort(codes);
    EXPECT_EQ(codes, (std::vector<std::string>{"CODE0", "CODE1", "CODE2", "CODE3", "CODE4"}));
    query.cursor = core::Cursor{"another", "", ""};
    EXPECT_EQ(error_code(run(list_discounts, query)), ErrorCode::invalid_parameter);
}

// SE-20: a code's last use is given once, whoever asks at the same time.
TEST_P(Pricing, ACodeIsNotOverusedByARace) {
    auto limited = ten_percent("LAST");
    limited.uses_max = core::Int<1, 1'000'000'000>(3);
    auto made = must(run(create_discount, limited));
    auto discount = applied("LAST");
    std::atomic<int> used = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 24; ++i) {
        threads.emplace_back([&, i] {
            auto result = use(discount, new_order(), "c" + std::to_string(i) + "@example.com");
            if (result) ++used;
            if (!result) EXPECT_EQ(result.error().code, ErrorCode::discount_unavailable);
        });
    }
    threads.clear();
    EXPECT_EQ(used, 3);
    EXPECT_EQ(must(run(get_discount, {made.id})).uses, 3);
}

TEST_P(Pricing, ACustomerIsCountedByAccountAndByAddress) {
    auto once = ten_percent("ONCE");
    once.uses_per_customer_max = core::Int<1, 1'000'000>(1);
    auto made = must(run(create_discount, once));
    auto discount = applied("ONCE");
    auto ann = support::sign_up(db(), "ann@example.com");
    auto order = new_order();
    must(use(discount, order, "ann@example.com", ann.user));
    EXPECT_EQ(error_code(use(discount, new_order(), "other@example.com", ann.user)),
              ErrorCode::discount_unavailable);
    EXPECT_EQ(error_code(use(discount, new_order(), "ann@example.com")), ErrorCode::discount_unavailable);
    must(use(discount, new_order(), "bob@example.com"));
    EXPECT_EQ(must(run(get_discount, {made.id})).uses, 2) << "refused ones count nothing";
    for (int i = 0; i < 2; ++i)
        must(write([&](store::Tx& tx) { return_discount(tx, order); }));
    EXPECT_EQ(must(run(get_discount, {made.id})).uses, 1);
    must(use(discount, new_order(), "ann@example.com", ann.user));
}

}  // namespace
}  // namespace pricing
