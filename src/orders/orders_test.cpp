// Placing, reading and listing orders, on both engines.
#include "orders/orders_fixture.hpp"

#include "core/json_write.hpp"

#include <boost/json/parse.hpp>

#include <set>
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

class Orders : public OrderShop {};
KONTOR_ON_BOTH_ENGINES(Orders);

TEST_P(Orders, KeepsWhatWasBoughtAndAtWhichPrice) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 10);
    auto in = command(cart_with(ann, {{mug.variant, 3}, {lamp.variant, 1}}));
    in.note = core::Text<0, 2000>::trusted("Leave it with the neighbour");
    auto order = must(place(ann, in));
    EXPECT_EQ(order.status, OrderStatus::pending);
    EXPECT_EQ(order.payment_status, PaymentStatus::unpaid);
    EXPECT_EQ(order.email, "ann@example.com");
    EXPECT_EQ(order.user_id, ann.user);
    ASSERT_EQ(order.lines.size(), 2U);
    EXPECT_EQ(order.lines[0].sku, "SKU-Mug");
    EXPECT_EQ(order.lines[0].title, "Mug");
    EXPECT_EQ(order.lines[0].total.amount, 2850);
    EXPECT_EQ(order.subtotal.amount, 7750);
    EXPECT_EQ(order.total, (core::Money{7750, core::Currency::trusted("EUR")}));
    EXPECT_EQ(order.billing_address.line1.str(), "1 Main Street");
    ASSERT_EQ(order.timeline.size(), 1U);
    EXPECT_EQ(order.timeline[0].type, "placed");
    EXPECT_EQ(order.timeline[0].actor, ann.user->str());
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 3}));

    support::set_price(db(), mug, 1);
    auto read_back = must(get(ann, order.id.text()));
    EXPECT_EQ(core::to_json(read_back), core::to_json(order));
    EXPECT_EQ(must(get(ann, order.number)).id, order.id);
}

TEST_P(Orders, NumbersGrow) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    EXPECT_EQ(order_of(ann, {{mug.variant, 1}}).number, "1001");
    EXPECT_EQ(order_of(guest(), {{mug.variant, 1}}).number, "1002");
}

TEST_P(Orders, AnnouncesItself) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto order = order_of(ann, {{mug.variant, 2}});
    EXPECT_EQ(events_of(order.id), std::vector<std::string>{"order.placed"});
    auto payload = must(read([&](store::Tx& tx) {
        return tx.get<std::string>("select payload from events where subject = $1", order.id);
    }));
    auto event = boost::json::parse(payload).as_object();
    EXPECT_EQ(event.at("number").as_string(), order.number);
    EXPECT_EQ(event.at("lines").at(0).at("quantity").as_int64(), 2);
}

TEST_P(Orders, OneCartGivesOneOrder) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto in = command(cart_with(ann, {{mug.variant, 2}}));
    std::mutex mutex;
    std::set<core::OrderId> ids;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&] {
            auto order = must(place(ann, in));
            std::lock_guard lock(mutex);
            ids.insert(order.id);
        });
    }
    threads.clear();
    EXPECT_EQ(ids.size(), 1U);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{10, 2}));
    EXPECT_EQ(events_of(*ids.begin()).size(), 1U);
}

TEST_P(Orders, OfAGuestsCartBelongsToWhoOrderedIt) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto in = command(cart_with(guest(), {{mug.variant, 2}}));
    auto order = must(place(ann, in));
    EXPECT_EQ(order.user_id, ann.user);
    EXPECT_EQ(must(place(ann, in)).id, order.id);
    in.email = core::Email::from_text("guest@example.com").value();
    EXPECT_EQ(error_code(place(guest(), in)), ErrorCode::not_found);
}

// RE-1: no oversell, and everything there is gets sold.
TEST_P(Orders, SixtyBuyersOfTheLastSevenMakeSevenOrders) {
    auto mug = put_on_sale(db(), "Mug", 950, 7);
    std::vector<PlaceOrder> commands;
    for (int i = 0; i < 60; ++i) {
        commands.push_back(command(cart_with(guest(), {{mug.variant, 1}})));
        commands.back().email = core::Email::from_text("guest@example.com").value();
    }
    std::atomic<int> placed = 0;
    std::atomic<int> refused = 0;
    std::vector<std::jthread> threads;
    for (const auto& in : commands) {
        threads.emplace_back([&] {
            auto order = place(guest(), in);
            if (order) {
                ++placed;
            } else if (order.error().code == ErrorCode::out_of_stock) {
                ++refused;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(placed, 7);
    EXPECT_EQ(refused, 53);
    EXPECT_EQ(stock_of(db(), mug), (StockNow{7, 7}));
    EXPECT_EQ(must(list(staff, {})).data.size(), 7U);
}

// Two carts with the same variants in opposite order must not hold each other up for ever.
TEST_P(Orders, CrossingCartsAllSucceed) {
    auto mug = put_on_sale(db(), "Mug", 950, 100);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 100);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            if (i % 2) {
                order_of(ann, {{mug.variant, 1}, {lamp.variant, 1}});
            } else {
                order_of(ann, {{lamp.variant, 1}, {mug.variant, 1}});
            }
        });
    }
    threads.clear();
    EXPECT_EQ(stock_of(db(), mug), (StockNow{100, 16}));
    EXPECT_EQ(stock_of(db(), lamp), (StockNow{100, 16}));
}

TEST_P(Orders, RefusedLeavesEverythingAsItWas) {
    auto mug = put_on_sale(db(), "Mug", 950, 5);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 1);
    auto in = command(cart_with(ann, {{mug.variant, 2}, {lamp.variant, 2}}));
    auto refused = place(ann, in);
    ASSERT_EQ(error_code(refused), ErrorCode::out_of_stock);
    EXPECT_EQ(refused.error().extra.at("variant_id").as_string(), lamp.variant.text());
    EXPECT_EQ(stock_of(db(), mug), (StockNow{5, 0}));
    EXPECT_TRUE(must(list(ann, {})).data.empty());
    must(write([&](store::Tx& tx) { return cart::add_to_cart(tx, ann, {}, {in.cart_id, mug.variant, 1}); }));
}

TEST_P(Orders, SaysWhenThePriceIsAnother) {
    auto mug = put_on_sale(db(), "Mug", 950, 5);
    auto in = command(cart_with(ann, {{mug.variant, 2}}));
    in.expected_total = core::Money{1900, core::Currency::trusted("EUR")};
    support::set_price(db(), mug, 1000);
    auto refused = place(ann, in);
    ASSERT_EQ(error_code(refused), ErrorCode::price_changed);
    EXPECT_EQ(refused.error().extra.at("total").at("amount").as_int64(), 2000);
    EXPECT_EQ(refused.error().extra.at("total").at("currency").as_string(), "EUR");
    in.expected_total->amount = 2000;
    EXPECT_EQ(must(place(ann, in)).total.amount, 2000);
}

TEST_P(Orders, NeedsACartAnAddressAndAnEMail) {
    auto mug = put_on_sale(db(), "Mug", 950, 5);
    auto why_not = [&](const core::Caller& caller, const PlaceOrder& in) {
        auto order = place(caller, in);
        return order ? std::string("placed") : code_of(order.error());
    };
    EXPECT_EQ(why_not(guest(), command(core::CartId::unguessable())), "not_found");
    EXPECT_EQ(why_not(guest(), command(cart_with(guest(), {}))), "cart_empty");
    auto in = command(cart_with(guest(), {{mug.variant, 1}}));
    EXPECT_EQ(why_not(guest(), in), "/email");
    in.email = core::Email::from_text("guest@example.com").value();
    in.shipping_address_id = core::AddressId::at(clock.now());
    EXPECT_EQ(why_not(guest(), in), "/shipping_address_id");
    in.shipping_address.reset();
    EXPECT_EQ(why_not(guest(), in), "/shipping_address_id");
    EXPECT_EQ(why_not(ann, in), "/shipping_address_id");
    in.shipping_address_id.reset();
    EXPECT_EQ(why_not(guest(), in), "/shipping_address");
    support::archive(db(), mug);
    in.shipping_address = home();
    EXPECT_EQ(why_not(guest(), in), "out_of_stock");
    EXPECT_EQ(why_not(ann, command(cart_with(staff, {}))), "not_found");
}

TEST_P(Orders, TakesTheCartsAddressOfAGuest) {
    auto mug = put_on_sale(db(), "Mug", 950, 5);
    auto cart = must(write([&](store::Tx& tx) {
        return cart::open_cart(tx, guest(), {},
                               {{}, core::Email::from_text("g@example.com").value(), {{mug.variant, 1}}});
    }));
    auto in = command(cart.id);
    in.billing_address = home();
    in.billing_address->city = core::Text<1, 100>::trusted("Bremen");
    auto order = must(place(guest(), in));
    EXPECT_EQ(order.email, "g@example.com");
    EXPECT_FALSE(order.user_id);
    EXPECT_EQ(must(get(guest(), order.id.text(), "G@example.com")).billing_address.city.str(), "Bremen");
}

// SE-12: other people's orders are not there.
TEST_P(Orders, AreReadByTheirOwnerStaffAndTheRightGuest) {
    auto bob = support::sign_up(db(), "bob@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 5);
    auto anns = order_of(ann, {{mug.variant, 1}});
    auto guests = order_of(guest(), {{mug.variant, 1}});
    EXPECT_EQ(must(get(staff, anns.number)).id, anns.id);
    EXPECT_EQ(must(get(staff, guests.id.text())).id, guests.id);
    EXPECT_EQ(must(get(guest(), guests.id.text(), "guest@example.COM")).id, guests.id);
    for (const auto& stranger : {bob, guest()}) {
        EXPECT_EQ(error_code(get(stranger, anns.id.text())), ErrorCode::not_found);
        EXPECT_EQ(error_code(get(stranger, anns.number)), ErrorCode::not_found);
        EXPECT_EQ(error_code(get(stranger, anns.id.text(), "ann@example.com")), ErrorCode::not_found);
        EXPECT_EQ(error_code(get(stranger, guests.id.text())), ErrorCode::not_found);
        EXPECT_EQ(error_code(get(stranger, guests.id.text(), "ann@example.com")), ErrorCode::not_found);
        EXPECT_EQ(error_code(get(stranger, guests.number, "guest@example.com")), ErrorCode::not_found);
    }
    EXPECT_EQ(error_code(get(staff, "7")), ErrorCode::not_found);
    EXPECT_EQ(error_code(get(staff, "99999999999999999999999")), ErrorCode::not_found);
    EXPECT_EQ(error_code(get(staff, anns.id.str() + "X")), ErrorCode::not_found);
    EXPECT_TRUE(must(list(bob, {})).data.empty());
}

TEST_P(Orders, AreListedPageByPageTheLatestFirst) {
    auto mug = put_on_sale(db(), "Mug", 950, 50);
    std::vector<std::string> numbers;
    for (int i = 0; i < 7; ++i) {
        numbers.insert(numbers.begin(), order_of(ann, {{mug.variant, 1}}).number);
        order_of(guest(), {{mug.variant, 1}});
        if (i % 2) clock.advance(std::chrono::seconds{1});
    }
    OrderQuery query;
    query.limit = 3;
    std::vector<std::string> seen;
    for (;;) {
        auto page = must(list(ann, query));
        for (const auto& order : page.data) {
            seen.push_back(order.number);
            EXPECT_EQ(order.lines.size(), 1U);
        }
        if (!page.has_more) break;
        query.cursor = core::Cursor::from_text(*page.next_cursor).value();
    }
    EXPECT_EQ(seen, numbers);
    EXPECT_EQ(must(list(staff, {})).data.size(), 14U);
    query.cursor = core::Cursor{"title", "x", "y"};
    EXPECT_EQ(error_code(list(ann, query)), ErrorCode::invalid_parameter);
}

TEST_P(Orders, AreFoundByWhatIsAskedFor) {
    auto mug = put_on_sale(db(), "Mug", 950, 50);
    auto lamp = put_on_sale(db(), "Lamp", 4900, 50);
    auto first = order_of(ann, {{mug.variant, 1}});
    clock.advance(std::chrono::hours{1});
    auto second = order_of(guest(), {{lamp.variant, 1}});
    must(step(process_order, second.id));
    must(step(mark_order_paid, first.id));
    auto found = [&](auto fill, bool as_staff = true) {
        OrderQuery query;
        fill(query);
        std::vector<std::string> numbers;
        for (const auto& order : must(list(as_staff ? staff : ann, query)).data)
            numbers.push_back(order.number);
        return numbers;
    };
    using Numbers = std::vector<std::string>;
    auto text = [](std::string_view t) { return core::SearchText::trusted(std::string(t)); };
    Numbers only_first{first.number};
    Numbers only_second{second.number};
    EXPECT_EQ(found([](auto& q) { q.status = OrderStatus::processing; }), only_second);
    EXPECT_EQ(found([](auto& q) { q.payment_status = PaymentStatus::paid; }), only_first);
    EXPECT_EQ(found([](auto& q) { q.email = core::Email::from_text("GUEST@example.com").value(); }),
              only_second);
    EXPECT_EQ(found([&](auto& q) { q.q = text(first.number); }), only_first);
    EXPECT_EQ(found([&](auto& q) { q.q = text("Ann@Example.com"); }), only_first);
    EXPECT_EQ(found([&](auto& q) { q.q = text("SKU-Lamp"); }), only_second);
    EXPECT_EQ(found([&](auto& q) { q.q = text("SKU-Lamp"); }, false), Numbers{});
    EXPECT_EQ(found([&](auto& q) { q.q = text("sku-la"); }), only_second) << "the beginning of a SKU";
    EXPECT_EQ(found([&](auto& q) { q.q = text("Guest@"); }), only_second) << "of an address";
    EXPECT_EQ(found([&](auto& q) { q.q = text("sku-"); }), (Numbers{second.number, first.number}));
    EXPECT_EQ(found([&](auto& q) { q.q = text(" sku-  ann@ "); }), only_first) << "all words";
    EXPECT_EQ(found([&](auto& q) { q.q = text("sku-lamp ann@"); }), Numbers{});
    EXPECT_EQ(found([&](auto& q) { q.q = text("SKU-% 'or'1'='1"); }), Numbers{});
    EXPECT_EQ(found([&](auto& q) { q.created_at["gte"] = second.created_at; }), only_second);
    EXPECT_EQ(found([&](auto& q) { q.created_at["gt"] = second.created_at; }), Numbers{});
    EXPECT_EQ(found([&](auto& q) { q.created_at["lt"] = second.created_at; }), only_first);
    EXPECT_EQ(found([&](auto& q) {
                  q.created_at["lte"] = second.created_at;
                  q.status = OrderStatus::pending;
                  q.email = core::Email::from_text("ann@example.com").value();
              }),
              only_first);
    OrderQuery query;
    query.created_at["about"] = clock.now();
    EXPECT_EQ(error_code(list(staff, query)), ErrorCode::invalid_parameter);
}

// A word that many orders have is looked for on a walk by time, one that few have through its index: both
// find all of them, the latest first.
TEST_P(Orders, AreFoundHoweverManyHaveTheWord) {
    must(write([](store::Tx& tx) {
        tx.run(
            "with recursive g(n) as (select 1 union all select n + 1 from g where n < 2200)"
            " insert into orders (id, email, email_key, status, payment_status, currency, subtotal, "
            "discount_total,"
            " shipping_total, tax_total, total, shipping_address, created_at, updated_at)"
            " select 'ord_00000000000000000000' || cast(100000 + n as text),"
            " case when n % 50 = 0 then 'few@example.com' else 'many@example.com' end,"
            " case when n % 50 = 0 then 'few@example.com' else 'many@example.com' end, 'pending', 'unpaid', "
            "'EUR',"
            " 1, 0, 0, 0, 1, $1, 1000 + n % 7, 1000 from g",
            core::to_json(home()));
    }));
    auto found = [&](std::string_view words) {
        std::vector<std::int64_t> places;
        OrderQuery query;
        query.q = core::SearchText::trusted(std::string(words));
        query.limit = core::PageLimit(100);
        for (;;) {
            auto page = must(list(staff, query));
            for (const auto& each : page.data)
                places.push_back(each.created_at.ms * 100'000 + std::stoll(each.number));
            if (!page.has_more) return places;
            query.cursor = core::Cursor::from_text(*page.next_cursor).value();
        }
    };
    auto many = found("many@");
    EXPECT_EQ(many.size(), 2156U);
    EXPECT_TRUE(std::ranges::is_sorted(many, std::greater{}));
    auto few = found("few@");
    EXPECT_EQ(few.size(), 44U);
    EXPECT_TRUE(std::ranges::is_sorted(few, std::greater{}));
    EXPECT_EQ(found("few@ many@").size(), 0U);
}

TEST_P(Orders, DemoIsMadeOnceByTheOrdinaryRules) {
    std::vector<core::VariantId> variants;
    std::vector<support::Goods> goods;
    for (auto name : {"Mug", "Lamp", "Fan"}) {
        goods.push_back(put_on_sale(db(), name, 1000, 50));
        variants.push_back(goods.back().variant);
    }
    auto mark_paid = [](store::Tx& tx, const core::Caller& who, core::OrderId order) {
        return mark_order_paid(tx, who, {order, {}});
    };
    for (int i = 0; i < 2; ++i) {
        must(write(
            [&](store::Tx& tx) { return place_demo_orders(tx, ann, staff, home(), variants, mark_paid); }));
    }
    auto orders = must(list(ann, {})).data;
    std::set<OrderStatus> states;
    for (const auto& order : orders)
        states.insert(order.status);
    EXPECT_EQ(orders.size(), 5U);
    EXPECT_EQ(states.size(), 5U);
    for (const auto& each : goods)
        stock_of(db(), each);
}

TEST(TrackingUrl, IsAWebAddress) {
    EXPECT_TRUE(TrackingUrl::from_text("https://dhl.example/track?id=1"));
    for (auto bad : {"", "javascript:alert(1)", "dhl.example", "https://a b",
                     "https://a\"onclick=", "data:text/html,x"}) {
        EXPECT_FALSE(TrackingUrl::from_text(bad)) << bad;
    }
}

}  // namespace
}  // namespace orders
