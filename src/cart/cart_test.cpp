// Carts as their callers see them, on both engines.
#include "cart/cart_fixture.hpp"

#include <thread>

namespace cart {
namespace {

KONTOR_ON_BOTH_ENGINES(CartRules);

TEST_P(CartRules, OpensEmptyInTheShopsCurrency) {
    auto cart = open(guest());
    EXPECT_TRUE(cart.items.empty());
    EXPECT_EQ(cart.item_count, 0);
    EXPECT_EQ(cart.total, (core::Money{0, core::Currency::trusted("EUR")}));
    EXPECT_EQ(cart.expires_at, cart.created_at + std::chrono::days{30});
    EXPECT_EQ(must(get(guest(), cart.id)).id, cart.id);
}

TEST_P(CartRules, OpensWithItsFirstLines) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    auto cart = open(guest(), {{lamp.variant, 1}, {mug.variant, 2}, {lamp.variant, 1}});
    ASSERT_EQ(cart.items.size(), 2U);
    EXPECT_EQ(cart.items[0].title, "Lamp");
    EXPECT_EQ(cart.items[0].quantity, 2);
    EXPECT_EQ(cart.items[0].total.amount, 9800);
    EXPECT_EQ(cart.items[1].sku, "SKU-Mug");
    EXPECT_EQ(cart.item_count, 4);
    EXPECT_EQ(cart.subtotal.amount, 11700);
    EXPECT_EQ(cart.total, cart.subtotal);
}

TEST_P(CartRules, AddsUpTheSameVariant) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = open(guest());
    must(add(guest(), cart.id, mug.variant, 2));
    cart = must(add(guest(), cart.id, mug.variant, 3));
    ASSERT_EQ(cart.items.size(), 1U);
    EXPECT_EQ(cart.items[0].quantity, 5);
    EXPECT_EQ(cart.items[0].unit_price.amount, 950);
    EXPECT_EQ(cart.items[0].available, 10);
}

TEST_P(CartRules, LosesNoAdditionInParallel) {
    auto mug = put_on_sale(db(), "Mug", 950, 1000);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 1000);
    auto cart = open(guest());
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&, i] {
            must(add(guest(), cart.id, i % 2 ? mug.variant : lamp.variant, 1));
            must(add(guest(), cart.id, mug.variant, 1));
        });
    }
    threads.clear();
    auto now = must(get(guest(), cart.id));
    EXPECT_EQ(now.items.size(), 2U);
    EXPECT_EQ(now.item_count, 40);
}

TEST_P(CartRules, ShowsWhatStandsBetweenItAndAnOrder) {
    auto mug = put_on_sale(db(), "Mug", 950, 3);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 0);
    auto fan = put_on_sale(db(), "Fan", 100, 5);
    auto cart = open(guest(), {{mug.variant, 4}, {lamp.variant, 1}, {fan.variant, 1}});
    support::archive(db(), fan);
    cart = must(get(guest(), cart.id));
    EXPECT_EQ(needed(cart), (Words{"quantity_unavailable", "out_of_stock", "not_for_sale", "email_missing",
                                   "address_missing"}));
    EXPECT_EQ(cart.requirements[0].item_id, cart.items[0].id);
}

TEST_P(CartRules, KnowsWhereTheConfirmationAndTheGoodsGo) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 3);
    EXPECT_TRUE(open(guest()).requirements.empty());
    EXPECT_EQ(needed(open(ann, {{mug.variant, 1}})), Words{"address_missing"});
    auto cart = open(guest(), {{mug.variant, 1}});
    CartChange change{cart.id, {true, core::Email::from_text("bob@example.com").value()}, {true, home()}};
    cart = must(write([&](store::Tx& tx) { return change_cart(tx, guest(), settings, change); }));
    EXPECT_EQ(needed(cart), Words{});
    EXPECT_EQ(cart.shipping_address->city.str(), "Hamburg");
    change = {cart.id, {}, {true, {}}};
    cart = must(write([&](store::Tx& tx) { return change_cart(tx, guest(), settings, change); }));
    EXPECT_EQ(needed(cart), Words{"address_missing"});
}

TEST_P(CartRules, GoesWhereTheCountrysPostDelivers) {
    auto cart = open(guest());
    auto address = home();
    address.country = core::CountryCode::trusted("GB");
    CartChange change{cart.id, {}, {true, address}, {}, {}};
    auto refused = write([&](store::Tx& tx) { return change_cart(tx, guest(), settings, change); });
    ASSERT_EQ(error_code(refused), core::ErrorCode::validation_failed);
    EXPECT_EQ(refused.error().fields.at(0).field, "/shipping_address/postal_code");
    EXPECT_FALSE(must(get(guest(), cart.id)).shipping_address);
}

// A look tells of another price until the customer does something about the cart.
TEST_P(CartRules, TellsOfAnotherPriceUntilItsNextChange) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = open(ann, {{mug.variant, 1}});
    EXPECT_EQ(needed(must(get(ann, cart.id))), Words{"address_missing"});
    support::set_price(db(), mug, 990);
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(needed(must(get(ann, cart.id))), (Words{"price_changed", "address_missing"}));
    EXPECT_EQ(needed(must(add(ann, cart.id, mug.variant, 1))), (Words{"price_changed", "address_missing"}));
    EXPECT_EQ(needed(must(get(ann, cart.id))), Words{"address_missing"});
}

TEST_P(CartRules, RefusesWhatIsNotForSale) {
    auto cart = open(guest());
    auto nothing = add(guest(), cart.id, core::VariantId::at(clock.now()), 1);
    ASSERT_EQ(error_code(nothing), ErrorCode::validation_failed);
    EXPECT_EQ(nothing.error().fields.front().field, "/variant_id");
    auto fan = put_on_sale(db(), "Fan", 100, 5);
    support::archive(db(), fan);
    EXPECT_EQ(error_code(add(guest(), cart.id, fan.variant, 1)), ErrorCode::validation_failed);
    auto opened =
        write([&](store::Tx& tx) { return open_cart(tx, guest(), settings, {{}, {}, {{fan.variant, 1}}}); });
    ASSERT_EQ(error_code(opened), ErrorCode::validation_failed);
    EXPECT_EQ(opened.error().fields.front().field, "/items/0/variant_id");
    EXPECT_TRUE(must(get(guest(), cart.id)).items.empty());
}

TEST_P(CartRules, KeepsToOneCurrency) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto dollar = put_on_sale(db(), "Dollar mug", 1200, 10, "USD");
    auto cart = open(guest());
    cart = must(add(guest(), cart.id, dollar.variant, 1));  // takes that of the first thing in it
    EXPECT_EQ(cart.total, (core::Money{1200, core::Currency::trusted("USD")}));
    EXPECT_EQ(error_code(add(guest(), cart.id, mug.variant, 1)), ErrorCode::currency_mismatch);
    EXPECT_EQ(must(get(guest(), cart.id)).items.size(), 1U);
    auto euros = must(write([&](store::Tx& tx) {
        return open_cart(tx, guest(), settings, {core::Currency::trusted("EUR"), {}, {}});
    }));
    EXPECT_EQ(error_code(add(guest(), euros.id, dollar.variant, 1)), ErrorCode::currency_mismatch);
}

TEST_P(CartRules, HoldsSoManyOfOneAndSoManyDifferent) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = open(guest(), {{mug.variant, quantity_per_line_max}});
    auto more = add(guest(), cart.id, mug.variant, 1);
    ASSERT_EQ(error_code(more), ErrorCode::validation_failed);
    EXPECT_EQ(more.error().fields.front().field, "/quantity");
    EXPECT_EQ(must(get(guest(), cart.id)).item_count, quantity_per_line_max);

    auto full = open(guest());
    for (std::size_t i = 0; i < lines_max; ++i) {
        must(add(guest(), full.id, put_on_sale(db(), "Thing " + std::to_string(i), 100, 1).variant, 1));
    }
    EXPECT_EQ(error_code(add(guest(), full.id, mug.variant, 1)), ErrorCode::validation_failed);
    EXPECT_EQ(must(get(guest(), full.id)).items.size(), lines_max);
}

TEST_P(CartRules, ChangesAndRemovesLines) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    auto cart = open(guest(), {{mug.variant, 4}, {lamp.variant, 1}});
    auto change = [&](core::CartItemId item, std::int64_t quantity) {
        return write([&](store::Tx& tx) {
            return change_cart_item(tx, guest(), settings, {cart.id, item, quantity});
        });
    };
    auto remove = [&](core::CartItemId item) {
        return write([&](store::Tx& tx) { return remove_cart_item(tx, guest(), settings, {cart.id, item}); });
    };
    EXPECT_EQ(must(change(cart.items[0].id, 7)).items[0].quantity, 7);
    EXPECT_EQ(must(change(cart.items[0].id, 0)).items.size(), 1U);
    EXPECT_EQ(error_code(change(cart.items[0].id, 1)), ErrorCode::not_found);
    EXPECT_TRUE(must(remove(cart.items[1].id)).items.empty());
    EXPECT_EQ(error_code(remove(cart.items[1].id)), ErrorCode::not_found);
    auto address = core::Email::from_text("ann@example.com").value();
    auto changed = must(write(
        [&](store::Tx& tx) { return change_cart(tx, guest(), settings, {cart.id, {true, address}, {}}); }));
    EXPECT_EQ(changed.email, "ann@example.com");
    must(write([&](store::Tx& tx) { return delete_cart(tx, guest(), {cart.id}); }));
    EXPECT_EQ(error_code(get(guest(), cart.id)), ErrorCode::not_found);
}

// SE-12: an owned cart is not there for anybody else, and nothing they try changes it.
TEST_P(CartRules, IsNotThereForAnybodyElse) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto bob = support::sign_up(db(), "bob@example.com", core::Role::admin);
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = open(ann, {{mug.variant, 1}});
    for (const auto& stranger : {guest(), bob}) {
        auto item = cart.items[0].id;
        EXPECT_EQ(error_code(get(stranger, cart.id)), ErrorCode::not_found);
        EXPECT_EQ(error_code(add(stranger, cart.id, mug.variant, 1)), ErrorCode::not_found);
        EXPECT_EQ(error_code(write([&](store::Tx& tx) {
                      return change_cart_item(tx, stranger, settings, {cart.id, item, 5});
                  })),
                  ErrorCode::not_found);
        EXPECT_EQ(error_code(write([&](store::Tx& tx) {
                      return remove_cart_item(tx, stranger, settings, {cart.id, item});
                  })),
                  ErrorCode::not_found);
        EXPECT_EQ(error_code(write([&](store::Tx& tx) { return delete_cart(tx, stranger, {cart.id}); })),
                  ErrorCode::not_found);
        EXPECT_EQ(error_code(take(stranger, cart.id, new_order())), ErrorCode::not_found);
    }
    EXPECT_EQ(error_code(claim(bob, cart.id)), ErrorCode::not_found);
    EXPECT_EQ(must(get(ann, cart.id)).item_count, 1);
}

TEST_P(CartRules, ClaimedBecomesTheCallers) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    EXPECT_EQ(error_code(current(ann)), ErrorCode::not_found);
    auto cart = open(guest(), {{mug.variant, 1}});
    EXPECT_EQ(must(claim(ann, cart.id)).id, cart.id);
    EXPECT_EQ(error_code(get(guest(), cart.id)), ErrorCode::not_found);
    EXPECT_EQ(must(current(ann)).id, cart.id);
    EXPECT_EQ(must(claim(ann, cart.id)).item_count, 1);
}

TEST_P(CartRules, ClaimedJoinsTheCartTheyHave) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    auto mine = open(ann, {{mug.variant, 1}});
    auto other = open(guest(), {{lamp.variant, 1}, {mug.variant, 2}});
    auto merged = must(claim(ann, other.id));
    EXPECT_EQ(merged.id, mine.id);
    ASSERT_EQ(merged.items.size(), 2U);
    EXPECT_EQ(merged.items[0].title, "Mug");
    EXPECT_EQ(merged.items[0].quantity, 3);
    EXPECT_EQ(merged.items[1].id, other.items[0].id);
    EXPECT_EQ(error_code(get(ann, other.id)), ErrorCode::not_found);
    auto dollars = open(guest(), {{put_on_sale(db(), "Dollar mug", 1200, 10, "USD").variant, 1}});
    EXPECT_EQ(error_code(claim(ann, dollars.id)), ErrorCode::currency_mismatch);
}

// Several devices log in at once, each with a guest's cart, while another goes on adding.
TEST_P(CartRules, ClaimsInParallelLoseNothing) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    std::vector<core::CartId> carts;
    for (int i = 0; i < 8; ++i)
        carts.push_back(open(guest(), {{mug.variant, 1}}).id);
    std::atomic<std::int64_t> acknowledged = 8;
    std::vector<std::jthread> threads;
    for (auto id : carts) {
        threads.emplace_back([&, id] { must(claim(ann, id)); });
        threads.emplace_back([&, id] {
            for (int i = 0; i < 5; ++i) {
                if (add(guest(), id, mug.variant, 1)) ++acknowledged;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(must(current(ann)).item_count, acknowledged.load());
}

TEST_P(CartRules, IsTakenOnce) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = open(guest(), {{mug.variant, 2}});
    auto order = new_order();
    auto taken = must(take(guest(), cart.id, order));
    EXPECT_FALSE(taken.ordered_as);
    ASSERT_EQ(taken.cart.lines.size(), 1U);
    EXPECT_EQ(taken.cart.order_id, order);
    EXPECT_EQ(taken.cart.lines[0].variant_id, mug.variant);
    EXPECT_EQ(taken.cart.lines[0].quantity, 2);
    EXPECT_EQ(taken.cart.lines[0].held, 0);
    EXPECT_EQ(must(take(guest(), cart.id, new_order())).ordered_as, order);
    EXPECT_EQ(must(get(guest(), cart.id)).order_id, order);

    auto refused = add(guest(), cart.id, mug.variant, 1);
    ASSERT_EQ(error_code(refused), ErrorCode::cart_ordered);
    EXPECT_EQ(refused.error().extra.at("order_id").as_string(), order.text());
    EXPECT_EQ(error_code(write([&](store::Tx& tx) { return delete_cart(tx, guest(), {cart.id}); })),
              ErrorCode::cart_ordered);
    EXPECT_EQ(error_code(write([&](store::Tx& tx) {
                  return change_cart_item(tx, guest(), settings, {cart.id, cart.items[0].id, 1});
              })),
              ErrorCode::cart_ordered);
    EXPECT_EQ(error_code(take(guest(), open(guest()).id, new_order())), ErrorCode::cart_empty);
}

TEST(CartSums, StopInsteadOfOverflowing) {
    EXPECT_EQ(times(1999, 3), 5997);
    EXPECT_EQ(times(core::amount_max, 1000), core::amount_max);
    EXPECT_EQ(times(core::amount_max, 1'000'000), core::amount_max);
    EXPECT_EQ(plus(core::amount_max, core::amount_max), core::amount_max);
}

}  // namespace
}  // namespace cart
