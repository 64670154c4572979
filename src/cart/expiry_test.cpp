// Carts that nobody comes back to: told of after an hour, removed after thirty days.
#include "cart/cart_fixture.hpp"

namespace cart {
namespace {

class LeftCarts : public CartRules {};
KONTOR_ON_BOTH_ENGINES(LeftCarts);

TEST_P(LeftCarts, ExpiresThirtyDaysAfterItsLastChange) {
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    auto left = open(guest(), {{mug.variant, 1}});
    auto used = open(guest(), {{mug.variant, 1}});
    auto ordered = open(guest(), {{mug.variant, 1}});
    must(take(guest(), ordered.id, new_order()));
    clock.advance(std::chrono::days{29});
    must(add(guest(), used.id, mug.variant, 1));
    clock.advance(std::chrono::days{1});
    EXPECT_EQ(error_code(get(guest(), left.id)), ErrorCode::not_found);
    EXPECT_EQ(error_code(add(guest(), left.id, mug.variant, 1)), ErrorCode::not_found);
    EXPECT_EQ(error_code(take(guest(), left.id, new_order())), ErrorCode::not_found);
    expire();
    EXPECT_EQ(must(get(guest(), used.id)).item_count, 2);
    EXPECT_EQ(count_events("cart.expired"), 1);
    clock.advance(std::chrono::days{29});
    expire();
    EXPECT_EQ(error_code(get(guest(), used.id)), ErrorCode::not_found);
    EXPECT_EQ(count_events("cart.expired"), 2);
}

TEST_P(LeftCarts, AreListedWhenTheirOwnersLeft) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 100);
    auto left = open(ann, {{mug.variant, 2}});
    auto in_use = open(ann, {{mug.variant, 1}});
    auto unknown = open(guest(), {{mug.variant, 1}});
    auto empty = open(ann);
    auto ordered = open(ann, {{mug.variant, 1}});
    must(take(ann, ordered.id, new_order()));
    clock.advance(std::chrono::minutes{50});
    must(add(ann, in_use.id, mug.variant, 1));
    auto listed = [&] {
        expire();
        std::vector<core::CartId> ids;
        auto list = must(read([&](store::Tx& tx) { return list_abandoned_carts(tx, ann, {}); }));
        for (const auto& cart : list.data)
            ids.push_back(cart.id);
        return ids;
    };
    EXPECT_TRUE(listed().empty());
    clock.advance(std::chrono::minutes{15});
    EXPECT_EQ(listed(), std::vector{left.id});
    EXPECT_EQ(listed(), std::vector{left.id});
    EXPECT_EQ(count_events("cart.abandoned"), 1);
    clock.advance(std::chrono::minutes{60});
    EXPECT_EQ(listed(), (std::vector{in_use.id, left.id}));
    must(add(ann, left.id, mug.variant, 1));
    EXPECT_EQ(listed(), std::vector{in_use.id}) << "somebody came back";
    must(take(ann, in_use.id, new_order()));
    clock.advance(std::chrono::hours{2});
    EXPECT_EQ(listed(), std::vector{left.id});
    EXPECT_EQ(count_events("cart.abandoned"), 2);
}

TEST_P(LeftCarts, ThatCameFromAnotherShopAreListedButNobodyIsTold) {
    auto ann = support::sign_up(db(), "ann@example.com");
    auto mug = put_on_sale(db(), "Mug", 950, 10);
    const auto bring = [&] {
        return must(write(
            [&](store::Tx& tx) { return bring_cart(tx, settings, ann.user.value(), {{mug.variant, 2}}); }));
    };
    const auto brought = bring();
    ASSERT_TRUE(brought);
    EXPECT_EQ(must(current(ann)).id, brought);
    EXPECT_FALSE(bring()) << "who has a cart here keeps it";
    clock.advance(std::chrono::hours{2});
    expire();
    EXPECT_EQ(count_events("cart.abandoned"), 0);
    const auto listed = must(read([&](store::Tx& tx) { return list_abandoned_carts(tx, ann, {}); }));
    ASSERT_EQ(listed.data.size(), 1U);
    EXPECT_EQ(listed.data[0].id, brought);
}

TEST_P(LeftCarts, ExpireInBoundedSteps) {
    for (int i = 0; i < 250; ++i)
        open(guest());
    clock.advance(std::chrono::days{31});
    EXPECT_GE(expire(), 2);
    EXPECT_EQ(count_events("cart.expired"), 250);
}

}  // namespace
}  // namespace cart
