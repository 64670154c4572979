// A shop from before the migration that lays carts down by age keeps all of them.
#include "cart/cart.hpp"

#include "store/migrations.hpp"
#include "support/people.hpp"
#include "support/test_database.hpp"

namespace cart {
namespace {

using support::must;

class CartsByAge : public testing::TestWithParam<std::string_view> {};
KONTOR_ON_BOTH_ENGINES(CartsByAge);

constexpr store::Sql sql_all(
    "select c.id || ' ' || c.user_id || ' ' || c.email || ' ' || c.currency || ' ' || c.order_id || ' ' || "
    "c.owned_at || ' ' || c.created_at || ' ' || c.updated_at || ' ' || c.expires_at || ' ' || c.look_at || "
    "' ' || "
    "c.shipping_address || ' ' || c.hold_id || ' ' || c.held_since || ' ' || c.held_until || ' ' || "
    "c.spent_by "
    "|| ' ' || c.shipping_method_id || ' ' || c.discount_code || ', ' || i.variant_id || ' ' || i.id || ' ' "
    "|| "
    "i.quantity || ' ' || i.position || ' ' || i.held || ' ' || i.seen_price || ' ' || i.reduced_from || ', "
    "' || "
    "a.noticed_at from carts as c join cart_items as i on i.cart_id = c.id "
    "join abandoned_carts as a on a.cart_id = c.id");

TEST_P(CartsByAge, AreKeptWithAllThatBelongsToThem) {
    core::Clock clock;
    support::EmptyDatabase place(GetParam());
    auto database = store::Database::open({.url = place.url(), .postgres_connections = 2}, clock);
    const auto all = store::all_migrations();
    const auto newer = std::ranges::find(all, "0040_carts_by_age", &store::Migration::name);
    ASSERT_NE(newer, all.end());
    database->migrate({all.begin(), newer});
    must(store::write_now(*database, [](store::Tx& tx) {
        tx.run(
            "insert into carts (id, user_id, email, currency, order_id, owned_at, created_at, updated_at, "
            "expires_at, look_at, shipping_address, hold_id, held_since, held_until, spent_by, "
            "shipping_method_id, discount_code) values ('crt_b', 'usr_1', 'ann@example.com', 'EUR', 'ord_1', "
            "1, "
            "2, 3, 4, 5, '{}', 'ord_2', 6, 7, 'ord_3', 'shm_1', 'SPRING')");
        tx.run(
            "insert into carts (id, created_at, updated_at, expires_at, look_at) "
            "values ('crt_a', 1, 1, 1, 1)");
        tx.run(
            "insert into cart_items (cart_id, variant_id, id, quantity, position, held, seen_price, "
            "reduced_from) values ('crt_b', 'var_1', 'itm_1', 8, 9, 10, 11, 12)");
        tx.run("insert into abandoned_carts (cart_id, noticed_at) values ('crt_b', 13)");
    }));
    auto all_of_it = [&] {
        return must(store::read_now(*database, [](store::Tx& tx) { return tx.get<std::string>(sql_all); }));
    };
    const auto before = all_of_it();
    EXPECT_NE(before.find("SPRING, var_1 itm_1 8 9 10 11 12, 13"), std::string::npos);
    database->migrate(all);
    EXPECT_EQ(all_of_it(), before);

    const auto left = must(store::write_now(*database, [](store::Tx& tx) {
        tx.run("delete from carts where id = 'crt_b'");
        return tx.get<int>(
            "select (select count(*) from carts) * 100 + (select count(*) from cart_items) * 10 "
            "+ (select count(*) from abandoned_carts)");
    }));
    EXPECT_EQ(left, 100) << "its lines went with it, the other cart stayed";
}

}  // namespace
}  // namespace cart
