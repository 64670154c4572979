// Orders on their way: the whole table of states, and what each step does to stock, timeline and events.
#include "orders/orders_fixture.hpp"

#include <thread>

namespace orders {
namespace {

using core::ErrorCode;
using support::error_code;
using support::guest;
using support::must;
using support::put_on_sale;
using support::stock_of;
using support::StockNow;
using enum OrderStatus;

constexpr std::array all_states{pending, processing, shipped, delivered, cancelled};

class Fulfilment : public OrderShop {
protected:
    core::Result<Order> move(const core::Caller& who, core::OrderId id, OrderStatus to) {
        switch (to) {
            case processing: return step(process_order, id);
            case shipped: return ship(id);
            case delivered: return deliver(id);
            case cancelled: return cancel(who, id);
            case pending: break;
        }
        throw std::logic_error("no step leads back to pending");
    }
    core::OrderId order_in(OrderStatus state, const support::Goods& goods) {
        auto id = order_of(ann, {{goods.variant, 1}}).id;
        if (state == processing) must(step(process_order, id));
        if (state == shipped || state == delivered) must(ship(id));
        if (state == delivered) must(deliver(id));
        if (state == cancelled) must(cancel(staff, id));
        return id;
    }
};
KONTOR_ON_BOTH_ENGINES(Fulfilment);

// API.md's table, spelt out a second time: the code's must say the same.
constexpr bool in_api_table(OrderStatus from, OrderStatus to) {
    if (from == pending) return to == processing || to == shipped || to == cancelled;
    if (from == processing) return to == shipped || to == cancelled;
    return from == shipped && to == delivered;
}

TEST_P(Fulfilment, WalksTheWholeTable) {
    auto mug = put_on_sale(db(), "Mug", 950, 1000);
    for (auto from : all_states) {
        for (auto to : {processing, shipped, delivered, cancelled}) {
            SCOPED_TRACE(text_of(from) + " to " + text_of(to));
            auto id = order_in(from, mug);
            auto moved = move(staff, id, to);
            EXPECT_EQ(moved.has_value(), in_api_table(from, to));
            EXPECT_EQ(must(get(staff, id.text())).status, moved ? to : from);
            if (moved) continue;
            EXPECT_EQ(moved.error().code, ErrorCode::invalid_transition);
            EXPECT_EQ(moved.error().extra.at("from").as_string(), text_of(from));
            boost::json::array allowed;
            for (auto target : {processing, shipped, delivered, cancelled}) {
                if (in_api_table(from, target)) allowed.emplace_back(text_of(target));
            }
            auto named = moved.error().extra.at("allowed").as_array();
            EXPECT_TRUE(std::ranges::is_permutation(named, allowed));
        }
    }
}

TEST_P(Fulfilment, CustomersCancelOnlyWhatNobodyHasBegun) {
    auto mug = put_on_sale(db(), "Mug", 950, 1000);
    for (auto from : all_states) {
        SCOPED_TRACE(text_of(from));
        auto id = order_in(from, mug);
        auto moved = cancel(ann, id);
        EXPECT_EQ(moved.has_value(), from == pending);
        if (moved) continue;
        EXPECT_EQ(moved.error().code, ErrorCode::invalid_transition);
        EXPECT_TRUE(moved.error().extra.at("allowed").as_array().empty());
    }
}

TEST_P(Fulfilment, StrangersCancelNothing) {
    auto bob = support::sign_up(db(), "bob@example.com");
    auto support_agent = support::sign_up(db(), "sue@example.com", core::Role::support);
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto order = order_of(ann, {{mug.variant, 1}});
    EXPECT_EQ(error_code(cancel(bob, order.id)), ErrorCode::not_found);
    EXPECT_EQ(error_code(cancel(guest(), order.id)), ErrorCode::not_found);
    EXPECT_EQ(error_code(cancel(guest(), order_of(guest(), {{mug.variant, 1}}).id)), ErrorCode::not_found);
    EXPECT_EQ(error_code(cancel(support_agent, order.id)), ErrorCode::forbidden);
    EXPECT_EQ(error_code(cancel(staff, core::OrderId::at(clock.now()))), ErrorCode::not_found);
    EXPECT_EQ(error_code(step(process_order, core::OrderId::at(clock.now()))), ErrorCode::not_found);
    EXPECT_EQ(must(get(ann, order.id.text())).status, pending);
}

TEST_P(Fulfilment, CancelPutsTheStockBackOnce) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto order = order_of(ann, {{mug.variant, 4}});
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 4}));
    std::atomic<int> cancelled_times = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&, i] {
            if (cancel(i % 2 ? ann : staff, order.id)) ++cancelled_times;
        });
    }
    threads.clear();
    EXPECT_EQ(cancelled_times, 1);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 0}));
    auto read_back = must(get(ann, order.id.text()));
    ASSERT_EQ(read_back.timeline.size(), 2U);
    EXPECT_EQ(read_back.timeline[1].type, "cancelled");
    EXPECT_EQ(read_back.timeline[1].note, "changed my mind");
    EXPECT_EQ(events_of(order.id), (std::vector<std::string>{"order.placed", "order.cancelled"}));
}

TEST_P(Fulfilment, CancelAgainstShipOneWins) {
    auto mug = put_on_sale(db(), "Mug", 950, 100);
    for (int round = 0; round < 10; ++round) {
        auto before = stock_of(db(), mug);
        auto order = order_of(ann, {{mug.variant, 2}});
        bool was_shipped = false;
        bool was_cancelled = false;
        std::jthread shipping([&] { was_shipped = ship(order.id).has_value(); });
        std::jthread cancelling([&] { was_cancelled = cancel(ann, order.id).has_value(); });
        shipping.join();
        cancelling.join();
        EXPECT_NE(was_shipped, was_cancelled);
        EXPECT_EQ(stock_of(db(), mug), (StockNow{before.on_hand - (was_shipped ? 2 : 0), 0}));
        EXPECT_EQ(must(get(ann, order.id.text())).status, was_shipped ? shipped : cancelled);
    }
}

TEST_P(Fulfilment, ShippedAndDeliveredWithItsParcel) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    auto order = order_of(ann, {{mug.variant, 4}, {lamp.variant, 1}});
    auto sent = must(ship(order.id));
    EXPECT_EQ(stock_of(db(), mug), (StockNow{6, 0}));
    ASSERT_EQ(sent.shipments.size(), 1U);
    EXPECT_EQ(sent.shipments[0].carrier, "DHL");
    EXPECT_EQ(sent.shipments[0].tracking_url, "https://dhl.example/JD0146");
    EXPECT_EQ(sent.shipments[0].lines.size(), 2U);
    EXPECT_FALSE(sent.shipments[0].delivered_at);
    clock.advance(std::chrono::hours{30});
    auto arrived = must(deliver(order.id));
    EXPECT_EQ(arrived.shipments[0].delivered_at, arrived.updated_at);
    auto read_back = must(get(ann, order.id.text()));
    EXPECT_EQ(read_back.shipments[0].delivered_at, arrived.updated_at);
    EXPECT_EQ(read_back.shipments[0].lines.size(), 2U);
    EXPECT_EQ(read_back.timeline.size(), 3U);
    EXPECT_EQ(events_of(order.id),
              (std::vector<std::string>{"order.placed", "order.shipped", "order.delivered"}));
}

TEST_P(Fulfilment, ShipsInSeveralParcels) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    auto order = order_of(ann, {{mug.variant, 4}, {lamp.variant, 1}});
    ShippedLine some_mugs{order.lines[0].id, 3};
    auto first = must(ship(order.id, {some_mugs}));
    EXPECT_EQ(first.status, processing);
    EXPECT_EQ(first.timeline.back().type, "partially_shipped");
    EXPECT_EQ(first.lines[0].shipped, 3);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{7, 1}));
    EXPECT_EQ(stock_of(db(), lamp), (StockNow{10, 1}));
    auto there = must(deliver(order.id, first.shipments[0].id));
    EXPECT_EQ(there.status, processing);
    EXPECT_TRUE(there.shipments[0].delivered_at);
    EXPECT_EQ(error_code(deliver(order.id, first.shipments[0].id)), ErrorCode::not_found);

    auto rest = must(ship(order.id));
    EXPECT_EQ(rest.status, shipped);
    ASSERT_EQ(rest.shipments.size(), 2U);
    EXPECT_EQ(rest.shipments[1].lines.size(), 2U);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{6, 0}));
    EXPECT_EQ(must(deliver(order.id, rest.shipments[1].id)).status, delivered);
    EXPECT_EQ(events_of(order.id),
              (std::vector<std::string>{"order.placed", "order.partially_shipped", "order.parcel_delivered",
                                        "order.shipped", "order.delivered"}));
    auto read_back = must(get(ann, order.id.text()));
    EXPECT_EQ(read_back.shipments.size(), 2U);
    EXPECT_EQ(read_back.lines[0].shipped, 4);
}

TEST_P(Fulfilment, ShipsNoMoreThanIsLeft) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    auto order = order_of(ann, {{mug.variant, 4}, {lamp.variant, 1}});
    ShippedLine mugs{order.lines[0].id, 4};
    auto why_not = [&](std::vector<ShippedLine> lines) {
        auto sent = ship(order.id, std::move(lines));
        return sent ? std::string("shipped") : sent.error().fields.front().field;
    };
    EXPECT_EQ(why_not({}), "/lines") << "no line is no order to send everything";
    EXPECT_EQ(why_not({{mugs.line_id, 5}}), "/lines/0/quantity");
    EXPECT_EQ(why_not({mugs, mugs}), "/lines/1/line_id");
    EXPECT_EQ(why_not({mugs, {core::OrderLineId::at(clock.now()), 1}}), "/lines/1/line_id");
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 4}));
    EXPECT_EQ(must(get(ann, order.id.text())).status, pending);
    EXPECT_EQ(why_not({mugs}), "shipped");
    EXPECT_EQ(why_not({{mugs.line_id, 1}}), "/lines/0/quantity");
}

TEST_P(Fulfilment, TwoWhoPackTheSameUnitsSendThemOnce) {
    auto mug = put_on_sale(db(), "Mug", 950, 1000);
    for (int round = 0; round < 10; ++round) {
        auto before = stock_of(db(), mug);
        auto order = order_of(ann, {{mug.variant, 4}});
        std::atomic<int> sent = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] {
                if (ship(order.id, {{order.lines[0].id, 2}})) ++sent;
            });
        }
        threads.clear();
        EXPECT_EQ(sent, 2);
        EXPECT_EQ(stock_of(db(), mug), (StockNow{before.on_hand - 4, 0}));
        EXPECT_EQ(must(get(ann, order.id.text())).status, shipped);
    }
}

TEST_P(Fulfilment, CancellingPutsBackWhatHasNotLeft) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto order = order_of(ann, {{mug.variant, 4}});
    must(ship(order.id, {{order.lines[0].id, 1}}));
    EXPECT_EQ(error_code(cancel(ann, order.id)), ErrorCode::invalid_transition);
    auto stopped = must(cancel(staff, order.id));
    EXPECT_EQ(stopped.shipments.size(), 1U);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{9, 0}));
}

TEST_P(Fulfilment, NotesAreKeptInOrder) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto order = order_of(ann, {{mug.variant, 4}});
    for (auto words : {"Call back", "Called"}) {
        clock.advance(std::chrono::seconds{1});
        must(write([&](store::Tx& tx) {
            return add_order_note(tx, staff, {order.id, core::Text<1, 4000>::trusted(words)});
        }));
    }
    auto notes =
        must(read([&](store::Tx& tx) { return list_order_notes(tx, staff, {order.id, {}, {}}); })).data;
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_EQ(notes[1].text, "Called");
    EXPECT_EQ(notes[0].author, staff.user->str());
    EXPECT_EQ(error_code(write([&](store::Tx& tx) {
                  return add_order_note(tx, staff,
                                        {core::OrderId::at(tx.now()), core::Text<1, 4000>::trusted("x")});
              })),
              ErrorCode::not_found);
}

TEST(PaymentStates, LeadOnlyWhereMoneyCanGo) {
    using enum PaymentStatus;
    std::map<PaymentStatus, std::vector<PaymentStatus>> allowed{
        {unpaid, {authorized, paid, failed}},
        {failed, {authorized, paid}},
        {authorized, {paid, voided}},
        {voided, {authorized, paid}},
        {paid, {partially_refunded, refunded}},
        {partially_refunded, {refunded}},
        {refunded, {}},
    };
    for (const auto& [from, targets] : allowed) {
        boost::json::array names;
        for (auto to : targets)
            names.emplace_back(text_of(to));
        EXPECT_EQ(targets_of(from), names) << text_of(from);
    }
}

TEST_P(Fulfilment, IsPaidOnce) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto order = order_of(ann, {{mug.variant, 1}});
    EXPECT_EQ(must(step(mark_order_paid, order.id)).payment_status, PaymentStatus::paid);
    auto again = step(mark_order_paid, order.id);
    ASSERT_EQ(error_code(again), ErrorCode::invalid_transition);
    EXPECT_EQ(again.error().extra.at("from").as_string(), "paid");
    EXPECT_EQ(must(get(ann, order.id.text())).status, pending);
    EXPECT_EQ(events_of(order.id), (std::vector<std::string>{"order.placed", "order.paid"}));

    auto dropped = order_of(ann, {{mug.variant, 1}});
    must(cancel(ann, dropped.id));
    EXPECT_EQ(error_code(step(mark_order_paid, dropped.id)), ErrorCode::invalid_transition);
    EXPECT_EQ(error_code(step(mark_order_paid, core::OrderId::at(clock.now()))), ErrorCode::not_found);
}

}  // namespace
}  // namespace orders
