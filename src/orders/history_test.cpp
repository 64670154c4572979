// Orders of another shop: what they say, and that this shop's stock and its listeners don't hear of them.
#include "orders/orders_fixture.hpp"
#include "orders/queries.hpp"

#include "core/json_read.hpp"

namespace orders {
namespace {

using support::must;

class History : public OrderShop {
protected:
    void SetUp() override {
        OrderShop::SetUp();
        kettle = support::put_on_sale(db(), "Kettle", 2000, 5);
    }

    static core::Price euros(std::int64_t cents) { return {cents, core::Currency::trusted("EUR")}; }

    PastOrder past(OrderStatus status = OrderStatus::processing) const {
        PastOrder order;
        order.email = core::Email::from_text("ann@example.com").value();
        order.user_id = ann.user;
        order.status = status;
        order.payment_status = PaymentStatus::paid;
        PastOrderLine line;
        line.variant_id = kettle.variant;
        line.product_id = kettle.product;
        line.title = catalog::Title::trusted("Kettle as it was called");
        line.quantity = core::Quantity(3);
        line.unit_price = euros(1850);
        order.lines.push_back(line);
        order.shipping_address = home();
        order.created_at = core::from_rfc3339("2020-02-03T04:05:06Z").value();
        return order;
    }
    Order bring(const PastOrder& order) {
        const auto id = must(write([&](store::Tx& tx) { return bring_order(tx, order); })).id;
        return stored(id);
    }
    Order stored(core::OrderId id) {
        return must(read([&](store::Tx& tx) -> core::Result<Order> { return find_order(tx, id).value(); }));
    }
    bool bring_again(core::OrderId id, const PastOrder& order) {
        return must(write([&](store::Tx& tx) { return bring_order_again(tx, id, order); }));
    }
    std::vector<std::string> faults() {
        return must(read([](store::Tx& tx) -> core::Result<std::vector<std::string>> {
            auto found = find_sum_faults(tx);
            for (const auto& [order, units] : list_awaited_units(tx))
                found.push_back(order + " waits for " + std::to_string(units));
            return found;
        }));
    }

    support::Goods kettle;
};
KONTOR_ON_BOTH_ENGINES(History);

// "subtotal discount shipping tax total, included or on top"
std::string sums(const Order& order) {
    std::string text;
    for (const core::Money& money :
         {order.subtotal, order.discount_total, order.shipping_total, order.tax_total, order.total})
        text += std::to_string(money.amount.value) + " ";
    return text + (order.prices_include_tax ? "included" : "on top");
}

TEST_P(History, IsKeptAsItWas) {
    auto order = past(OrderStatus::delivered);
    order.shipping_total = euros(500);
    order.tax_total = euros(100);
    order.total = euros(6150);
    order.former_number = core::Text<1, 100>::trusted("W-17");
    order.carrier = core::Text<1, 100>::trusted("DHL");
    order.tracking_number = core::Text<1, 100>::trusted("JD01");
    order.delivered_at = core::from_rfc3339("2020-02-05T00:00:00Z");
    order.paid_at = core::from_rfc3339("2020-02-06T00:00:00Z");
    const auto brought = bring(order);
    EXPECT_EQ(sums(brought), "5550 0 500 100 6150 on top");
    EXPECT_EQ(brought.created_at, order.created_at);
    EXPECT_EQ(brought.lines[0].title, "Kettle as it was called");
    EXPECT_EQ(brought.lines[0].tax.amount, 100);
    ASSERT_EQ(brought.timeline.size(), 4U);
    EXPECT_EQ(brought.timeline[1].type, "delivered");
    EXPECT_EQ(brought.timeline[2].type, "paid") << "cash on delivery";
    EXPECT_EQ(brought.timeline[3].note, "Order W-17 of the former shop");
    ASSERT_EQ(brought.shipments.size(), 1U);
    EXPECT_EQ(brought.shipments[0].delivered_at, order.delivered_at);
    EXPECT_EQ(must(list(ann, {})).data.size(), 1U);
    EXPECT_EQ(faults(), std::vector<std::string>{});
}

TEST_P(History, TheTotalStaysWhateverTheParts) {
    auto order = past();
    order.tax_total = euros(900);
    order.total = euros(5550);
    EXPECT_EQ(sums(bring(order)), "5550 0 0 900 5550 included");
    order.total = euros(5000);
    EXPECT_EQ(sums(bring(order)), "5550 550 0 900 5000 included");
    order.total = euros(6000);
    EXPECT_EQ(sums(bring(order)), "5550 0 450 900 6000 included");
    order.tax_total.reset();
    order.total.reset();
    EXPECT_EQ(sums(bring(order)), "5550 0 0 0 5550 on top");
    order.discount_total = euros(6000);
    order.shipping_total = euros(700);
    EXPECT_EQ(sums(bring(order)), "5550 5550 250 0 250 on top") << "a discount on shipping is less shipping";
    order.discount_total = euros(9999);
    EXPECT_EQ(sums(bring(order)), "5550 5550 0 0 0 included");
    EXPECT_EQ(faults(), std::vector<std::string>{});
}

TEST_P(History, IsRefusedIfItMakesNoSense) {
    auto order = past();
    order.total = core::Price{1, core::Currency::trusted("USD")};
    EXPECT_EQ(support::error_code(write([&](store::Tx& tx) { return bring_order(tx, order); })),
              core::ErrorCode::currency_mismatch);
    order = past();
    order.lines.clear();
    EXPECT_EQ(support::error_code(write([&](store::Tx& tx) { return bring_order(tx, order); })),
              core::ErrorCode::validation_failed);
}

TEST_P(History, DoesNotTouchStockNorDoesWhatFollows) {
    const support::StockNow before = support::stock_of(db(), kettle);
    const auto events = must(read([&](store::Tx& tx) { return db().last_event(tx); })).id;
    const auto shipped = bring(past());
    const auto cancelled = bring(past(OrderStatus::pending));
    EXPECT_EQ(must(read([&](store::Tx& tx) { return db().last_event(tx); })).id, events) << "nobody is told";
    EXPECT_EQ(faults(), std::vector<std::string>{}) << "open orders of another shop wait for nothing here";
    EXPECT_EQ(must(ship(shipped.id)).status, OrderStatus::shipped);
    EXPECT_EQ(must(deliver(shipped.id)).status, OrderStatus::delivered);
    EXPECT_EQ(must(cancel(staff, cancelled.id)).status, OrderStatus::cancelled);
    EXPECT_EQ(support::stock_of(db(), kettle), before);
    EXPECT_EQ(faults(), std::vector<std::string>{});
}

TEST_P(History, FollowsTheOtherShopUntilSomebodyWorksOnItHere) {
    const auto brought = bring(past());
    auto now = past(OrderStatus::shipped);
    now.lines.push_back(now.lines.front());
    now.shipped_at = core::from_rfc3339("2020-02-04T00:00:00Z");
    EXPECT_TRUE(bring_again(brought.id, now));
    const auto again = stored(brought.id);
    EXPECT_EQ(again.number, brought.number);
    EXPECT_EQ(again.status, OrderStatus::shipped);
    EXPECT_EQ(again.lines.size(), 2U);
    EXPECT_EQ(again.lines[0].shipped, 3);
    EXPECT_EQ(again.timeline.size(), 3U);
    EXPECT_EQ(faults(), std::vector<std::string>{});
    must(deliver(brought.id));
    EXPECT_FALSE(bring_again(brought.id, now));
    EXPECT_EQ(stored(brought.id).status, OrderStatus::delivered);
}

TEST_P(History, DoesNotComeBackToWhoHadTheirDataErased) {
    const auto brought = bring(past());
    must(write([&](store::Tx& tx) -> core::Result<void> {
        disown_orders(tx, *ann.user);
        return {};
    }));
    EXPECT_FALSE(bring_again(brought.id, past()));
    EXPECT_EQ(stored(brought.id).shipping_address.name.text(), "Erased");
}

TEST_P(History, AnOrderWithoutAnAddressToWriteToIsNobodysToOpen) {
    auto order = past();
    order.email.reset();
    order.user_id.reset();
    const auto brought = bring(order);
    EXPECT_EQ(brought.email, "");
    EXPECT_FALSE(get(support::guest(), brought.id.text(), "ann@example.com"));
    EXPECT_TRUE(get(staff, brought.id.text()));
}

}  // namespace
}  // namespace orders
