// What applies to a basket, out of the database, and the uses of codes.
#include "pricing/calculation.hpp"
#include "pricing/letter_case.hpp"
#include "pricing/queries.hpp"

namespace pricing {
namespace {

bool goes_to(const ShippingMethod& method, const Basket& basket) {
    if (method.currency != basket.currency) return false;
    return method.countries.empty() || std::ranges::find(method.countries, basket.destination->country.text(),
                                                         &core::CountryCode::text) != method.countries.end();
}

Rules rules_for(const Basket& basket, AskedRules& asked) {
    Rules rules;
    rules.discount = asked.discount.find();
    for (auto& method : asked.methods.list()) {
        rules.ships_anywhere = true;
        if (goes_to(method, basket)) rules.methods.push_back(std::move(method));
    }
    rules.tax = asked.tax.find();
    return rules;
}

// False: that customer has used the code as often as they may.
bool count_customer(store::Tx& tx, const Discount& discount, std::string_view customer) {
    return tx.count_changed(
               "insert into discount_customers (discount_id, customer, uses) values ($1, $2, 1)"
               " on conflict (discount_id, customer) do update set uses = discount_customers.uses + 1"
               " where cast($3 as bigint) is null or discount_customers.uses < $3",
               discount.id, customer, discount.uses_per_customer_max) > 0;
}

}  // namespace

AskedRules ask_rules(store::Tx& tx, const Basket& basket) {
    AskedRules asked;
    if (basket.discount_code)
        asked.discount = queries::ask_discount_by_code(tx, upper_case(*basket.discount_code));
    if (!basket.destination) return asked;
    asked.methods = queries::ask_active_methods(tx, methods_max);
    asked.tax =
        queries::ask_rate_for(tx, basket.destination->country, upper_case(basket.destination->region));
    return asked;
}

Quote quote(const Basket& basket, AskedRules& rules, core::Time now) {
    return calculate(basket, rules_for(basket, rules), now);
}

std::vector<ShippingOffer> list_shipping_offers(const Basket& basket, AskedRules& asked, core::Time now) {
    std::vector<ShippingOffer> offers;
    const auto rules = rules_for(basket, asked);
    for (const auto& method : rules.methods) {
        Basket chosen = basket;
        chosen.shipping_method_id = method.id;
        auto quote = calculate(chosen, rules, now);
        if (quote.terms.shipping)
            offers.push_back({method.id, method.name, {quote.shipping, basket.currency}});
    }
    return offers;
}

core::Result<void> use_discount(store::Tx& tx, const AppliedDiscount& applied, core::OrderId order,
                                const std::optional<core::UserId>& user, const std::string& email_key) {
    auto used_up = [] { return core::fail(core::ErrorCode::discount_unavailable, "This code is used up."); };
    bool counted = tx.count_changed(
                       "update discounts set uses = uses + 1"
                       " where id = $1 and (uses_max is null or uses < uses_max)",
                       applied.id) > 0;
    if (!counted) return used_up();
    auto discount = queries::find(tx, applied.id).value();
    if (user && !count_customer(tx, discount, user->text())) return used_up();
    if (!count_customer(tx, discount, email_key)) return used_up();
    tx.run("insert into discount_uses (order_id, discount_id, user_id, email_key) values ($1, $2, $3, $4)",
           order, applied.id, user, email_key);
    return {};
}

void return_discount(store::Tx& tx, core::OrderId order) {
    struct Use {
        DiscountId discount_id;
        std::optional<core::UserId> user_id;
        std::string email_key;
    };
    std::optional<Use> use;
    tx.visit(
        [&](const store::RowView& row) {
            use.emplace();
            store::read_column(row, 0, use->discount_id);
            store::read_column(row, 1, use->user_id);
            store::read_column(row, 2, use->email_key);
        },
        "delete from discount_uses where order_id = $1 returning discount_id, user_id, email_key", order);
    if (!use) return;
    tx.run("update discounts set uses = uses - 1 where id = $1", use->discount_id);
    for (auto customer :
         {use->user_id ? use->user_id->text() : std::string_view(), std::string_view(use->email_key)}) {
        tx.run("update discount_customers set uses = uses - 1 where discount_id = $1 and customer = $2",
               use->discount_id, customer);
    }
}

}  // namespace pricing
