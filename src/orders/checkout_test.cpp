// Checkouts: units are held for a while, and come back exactly once however a checkout ends.
#include "orders/orders_fixture.hpp"

#include <thread>

namespace orders {
namespace {

using cart::Cart;
using core::ErrorCode;
using std::chrono::minutes;
using support::error_code;
using support::guest;
using support::must;
using support::put_on_sale;
using support::stock_of;
using support::StockNow;

class Checkout : public OrderShop {
protected:
    Cart filled(const core::Caller& caller, std::vector<cart::NewCartLine> items) {
        return must(
            write([&](store::Tx& tx) { return cart::open_cart(tx, caller, settings, {{}, {}, items}); }));
    }
    auto hold(const core::Caller& caller, core::CartId cart) {
        return write([&](store::Tx& tx) { return cart::check_out(tx, caller, settings, {cart}); });
    }
    auto end(const core::Caller& caller, core::CartId cart) {
        return write([&](store::Tx& tx) { return cart::end_checkout(tx, caller, settings, {cart}); });
    }
    auto add(const core::Caller& caller, core::CartId cart, core::VariantId variant, std::int64_t quantity) {
        return write([&](store::Tx& tx) {
            return cart::add_to_cart(tx, caller, settings, {cart, variant, quantity});
        });
    }
    auto change(const core::Caller& caller, const Cart& cart, std::int64_t quantity) {
        auto item = cart.items.front().id;
        return write([&](store::Tx& tx) {
            return cart::change_cart_item(tx, caller, settings, {cart.id, item, quantity});
        });
    }
    Cart look(const core::Caller& caller, core::CartId cart) {
        return must(read([&](store::Tx& tx) { return cart::get_cart(tx, caller, settings, {cart}); }));
    }
    Order buy(core::CartId cart) { return must(place(ann, command(cart))); }
    bool expire_one() {
        return must(write([&](store::Tx& tx) { return cart::release_one_expired_hold(tx); }));
    }
    void expire() {
        while (expire_one()) {
        }
    }

    cart::Settings settings;
};
KONTOR_ON_BOTH_ENGINES(Checkout);

TEST_P(Checkout, HoldsWhatNobodyElseCanBuyThen) {
    auto mug = put_on_sale(db(), "Mug", 950, 3);
    auto cart = must(hold(ann, filled(ann, {{mug.variant, 2}}).id));
    EXPECT_EQ(cart.held_until, cart.updated_at + minutes{10});
    EXPECT_EQ(cart.items[0].held, 2);
    EXPECT_EQ(cart.items[0].available, 3);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{3, 2}));
    EXPECT_EQ(look(ann, cart.id).items[0].available, 3);

    auto other = filled(guest(), {{mug.variant, 2}});
    EXPECT_EQ(other.requirements[0].code, "quantity_unavailable");
    EXPECT_EQ(error_code(place(staff, command(filled(staff, {{mug.variant, 2}}).id))),
              ErrorCode::out_of_stock);
}

TEST_P(Checkout, BecomesTheOrdersReservation) {
    auto mug = put_on_sale(db(), "Mug", 950, 3);
    auto cart = must(hold(ann, filled(ann, {{mug.variant, 2}}).id));
    auto order = buy(cart.id);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{3, 2}));
    auto booked_for = must(read([&](store::Tx& tx) {
        return tx.list<core::OrderId>("select order_id from stock_entries where order_id is not null");
    }));
    EXPECT_EQ(booked_for, std::vector{order.id});
    clock.advance(minutes{30});
    expire();
    EXPECT_EQ(stock_of(db(), mug), (StockNow{3, 2}));
    EXPECT_EQ(buy(cart.id).id, order.id);
    must(ship(order.id));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{1, 0}));
}

TEST_P(Checkout, OfWhatWasAddedLaterReservesTheRestWhenOrdered) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 1);
    auto cart = must(hold(ann, filled(ann, {{mug.variant, 2}}).id));
    must(add(ann, cart.id, mug.variant, 3));
    must(add(ann, cart.id, lamp.variant, 1));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 2}));
    auto order = buy(cart.id);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 5}));
    EXPECT_EQ(stock_of(db(), lamp), (StockNow{1, 1}));
    must(cancel(ann, order.id));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 0}));
}

TEST_P(Checkout, HoldsAsMuchAsThereIsAndTellsOfTheRest) {
    auto mug = put_on_sale(db(), "Mug", 950, 3);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 0);
    auto cart = must(hold(ann, filled(ann, {{mug.variant, 5}, {lamp.variant, 1}}).id));
    EXPECT_EQ(cart.items[0].quantity, 3);
    EXPECT_EQ(cart.items[0].held, 3);
    EXPECT_EQ(cart.items[1].quantity, 1);
    ASSERT_GE(cart.requirements.size(), 2U);
    EXPECT_EQ(cart.requirements[0].code, "quantity_reduced");
    EXPECT_EQ(cart.requirements[1].code, "out_of_stock");
    EXPECT_EQ(look(ann, cart.id).requirements[0].code, "quantity_reduced");
    EXPECT_EQ(must(change(ann, cart, 2)).requirements[0].code, "out_of_stock");
    EXPECT_EQ(stock_of(db(), mug), (StockNow{3, 2}));
    EXPECT_EQ(error_code(hold(ann, filled(ann, {}).id)), ErrorCode::cart_empty);
}

TEST_P(Checkout, GivesBackWhatIsTakenOutOfTheCart) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = must(hold(ann, filled(ann, {{mug.variant, 5}}).id));
    must(change(ann, cart, 2));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 2}));
    must(change(ann, cart, 4));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 2}));
    must(hold(ann, cart.id));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 4}));
    must(change(ann, cart, 0));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 0}));
    cart = must(hold(ann, filled(ann, {{mug.variant, 5}}).id));
    must(write([&](store::Tx& tx) { return cart::delete_cart(tx, ann, {cart.id}); }));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 0}));
}

TEST_P(Checkout, EndsOnceWhenItIsCancelled) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = must(hold(ann, filled(ann, {{mug.variant, 5}}).id));
    for (int i = 0; i < 2; ++i) {
        auto ended = must(end(ann, cart.id));
        EXPECT_FALSE(ended.held_until);
        EXPECT_EQ(ended.items[0].held, 0);
        EXPECT_EQ(ended.items[0].available, 10);
        EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 0}));
    }
    EXPECT_EQ(error_code(hold(guest(), cart.id)), ErrorCode::not_found);
    EXPECT_EQ(error_code(end(guest(), cart.id)), ErrorCode::not_found);
    auto order = buy(must(hold(ann, cart.id)).id);
    EXPECT_EQ(error_code(end(ann, cart.id)), ErrorCode::cart_ordered);
    EXPECT_EQ(error_code(hold(ann, cart.id)), ErrorCode::cart_ordered);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 5}));
}

// SE-20: reservations expire.
TEST_P(Checkout, ExpiresTenMinutesAfterItsLastSignOfLife) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto left = must(hold(guest(), filled(guest(), {{mug.variant, 5}}).id));
    auto used = must(hold(ann, filled(ann, {{mug.variant, 1}}).id));
    clock.advance(minutes{9});
    EXPECT_FALSE(expire_one());
    must(add(ann, used.id, mug.variant, 1));
    clock.advance(minutes{2});
    expire();
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 1}));
    auto seen = look(guest(), left.id);
    EXPECT_FALSE(seen.held_until);
    EXPECT_EQ(seen.items[0].held, 0);
    EXPECT_EQ(look(ann, used.id).items[0].held, 1);
}

// SE-20: nobody keeps units from others for ever.
TEST_P(Checkout, IsNotExtendedBeyondAnHour) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto cart = must(hold(ann, filled(ann, {{mug.variant, 5}}).id));
    auto began = clock.now();
    for (int i = 0; i < 11; ++i) {
        clock.advance(minutes{5});
        cart = must(hold(ann, cart.id));
    }
    EXPECT_LE(*cart.held_until, began + minutes{60});
    clock.advance(minutes{5});
    expire();
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 0}));
}

TEST_P(Checkout, MovesAlongWhenCartsAreMerged) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    for (bool mine_is_held : {false, true}) {
        auto mine = filled(ann, {{mug.variant, 1}});
        if (mine_is_held) must(hold(ann, mine.id));
        auto other = must(hold(guest(), filled(guest(), {{mug.variant, 2}, {lamp.variant, 1}}).id));
        auto merged =
            must(write([&](store::Tx& tx) { return cart::claim_cart(tx, ann, settings, {other.id}); }));
        EXPECT_EQ(merged.id, mine.id);
        EXPECT_TRUE(merged.held_until);
        EXPECT_EQ(merged.items[0].quantity, 3);
        EXPECT_EQ(merged.items[0].held, mine_is_held ? 3 : 2);
        EXPECT_EQ(merged.items[1].held, 1);
        EXPECT_EQ(stock_of(db(), lamp), (StockNow{10, 1}));
        must(cancel(ann, buy(mine.id).id));
        EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 0}));
        EXPECT_EQ(stock_of(db(), lamp), (StockNow{10, 0}));
    }
}

// Expiry against ordering, changing, cancelling and deleting: whoever is first, the units are counted once.
TEST_P(Checkout, ExpiryAgainstEverythingElseComesOutEven) {
    auto mug = put_on_sale(db(), "Mug", 950, 1000);
    for (int round = 0; round < 12; ++round) {
        auto before = stock_of(db(), mug);
        auto cart = must(hold(ann, filled(ann, {{mug.variant, 5}}).id));
        clock.advance(minutes{11});
        bool ordered = false;
        std::vector<std::jthread> threads;
        threads.emplace_back([&] { expire(); });
        threads.emplace_back([&] { expire(); });
        if (round % 2) threads.emplace_back([&] { ordered = place(ann, command(cart.id)).has_value(); });
        if (round % 3 == 0) threads.emplace_back([&] { (void)end(ann, cart.id); });
        if (round % 4 == 0) threads.emplace_back([&] { (void)change(ann, cart, 2); });
        threads.clear();
        if (round % 2) EXPECT_TRUE(ordered);
        if (!ordered) must(write([&](store::Tx& tx) { return cart::delete_cart(tx, ann, {cart.id}); }));
        auto now = stock_of(db(), mug);
        EXPECT_EQ(now.reserved - before.reserved, ordered ? 5 : 0);
    }
}

// RE-1: twenty tabs press the button for the last units of each other.
TEST_P(Checkout, HoldsNoMoreThanThereIs) {
    auto mug = put_on_sale(db(), "Mug", 950, 7);
    std::atomic<std::int64_t> held = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&] {
            auto cart = must(hold(guest(), filled(guest(), {{mug.variant, 2}}).id));
            held += cart.items[0].held;
        });
    }
    threads.clear();
    EXPECT_EQ(held, 7);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{7, 7}));
    clock.advance(minutes{11});
    expire();
    EXPECT_EQ(stock_of(db(), mug), (StockNow{7, 0}));
}

// SE-20: how many of a variant one order may have.
TEST_P(Checkout, GivesNoMoreThanTheLimitOfAVariant) {
    auto mug = put_on_sale(db(), "Mug", 950, 50);
    must(write([&](store::Tx& tx) { return cart::set_quantity_limit(tx, staff, {mug.variant, {2}}); }));
    auto cart = filled(guest(), {{mug.variant, 5}});
    EXPECT_EQ(cart.requirements.front().code, "quantity_limited");
    auto in = command(cart.id);
    in.email = core::Email::from_text("guest@example.com").value();
    EXPECT_EQ(error_code(place(guest(), in)), ErrorCode::conflict);
    auto held = must(hold(guest(), cart.id));
    EXPECT_EQ(held.items[0].quantity, 2);
    EXPECT_EQ(must(place(guest(), in)).lines[0].quantity, 2);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{50, 2}));
    must(write([&](store::Tx& tx) { return cart::set_quantity_limit(tx, staff, {mug.variant, {}}); }));
    EXPECT_EQ(order_of(guest(), {{mug.variant, 5}}).lines[0].quantity, 5);
}

}  // namespace
}  // namespace orders
