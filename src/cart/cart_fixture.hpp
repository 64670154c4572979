// What the tests of carts share: verbs that end the test when they fail.
#pragma once

#include "cart/cart.hpp"

#include "cart/schedules.hpp"
#include "support/goods.hpp"
#include "support/people.hpp"
#include "support/test_database.hpp"

namespace cart {

using core::ErrorCode;
using support::error_code;
using support::guest;
using support::must;
using support::put_on_sale;

class CartRules : public support::OnBothEngines {
protected:
    Cart open(const core::Caller& caller, std::vector<NewCartLine> items = {}) {
        return must(write([&](store::Tx& tx) { return open_cart(tx, caller, settings, {{}, {}, items}); }));
    }
    auto add(const core::Caller& caller, core::CartId cart, core::VariantId variant, std::int64_t quantity) {
        return write(
            [&](store::Tx& tx) { return add_to_cart(tx, caller, settings, {cart, variant, quantity}); });
    }
    auto get(const core::Caller& caller, core::CartId cart) {
        return read([&](store::Tx& tx) { return get_cart(tx, caller, settings, {cart}); });
    }
    auto claim(const core::Caller& caller, core::CartId cart) {
        return write([&](store::Tx& tx) { return claim_cart(tx, caller, settings, {cart}); });
    }
    auto current(const core::Caller& caller) {
        return read([&](store::Tx& tx) { return get_current_cart(tx, caller, settings); });
    }
    auto take(const core::Caller& caller, core::CartId cart, core::OrderId order) {
        return write([&](store::Tx& tx) { return take_cart(tx, caller, cart, order); });
    }
    std::int64_t expire() {
        auto schedule = expire_carts();
        std::int64_t steps = 1;
        while (must(write([&](store::Tx& tx) { return schedule.run(tx); })))
            ++steps;
        return steps;
    }
    std::int64_t count_events(std::string_view type) {
        return must(read([&](store::Tx& tx) {
            return tx.get<std::int64_t>("select count(*) from events where type = $1", type);
        }));
    }
    using Words = std::vector<std::string>;
    static Words needed(const Cart& cart) {
        Words codes;
        for (const auto& requirement : cart.requirements)
            codes.push_back(requirement.code);
        return codes;
    }
    static users::PostalAddress home() {
        users::PostalAddress address;
        address.name = core::Text<1, 200>::trusted("Ann Example");
        address.line1 = core::Text<1, 200>::trusted("1 Main Street");
        address.city = core::Text<1, 100>::trusted("Hamburg");
        address.postal_code = core::Text<1, 20>::trusted("20095");
        return address;
    }
    core::OrderId new_order() { return core::OrderId::at(clock.now()); }

    Settings settings;
};
}  // namespace cart
