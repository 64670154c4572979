// Stock: the ledger tells every change, and what is not there can't be sold, however many try at once.
#include "catalog/catalog_fixture.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace catalog {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

class Stock : public CatalogTest {
protected:
    core::Result<StockEntry> adjust(const Product& product, std::int64_t by) {
        return run(change_stock, {product.variants[0].id, by, {}, core::Text<1, 500>::trusted("count")});
    }
    core::Result<StockEntry> set(const Product& product, std::int64_t to) {
        return run(change_stock, {product.variants[0].id, {}, Units(to), {}});
    }
    StockLevel level(const Product& product, std::size_t variant = 0) {
        return shown(product.id).variants[variant].stock;
    }
    bool in_stock(const Product& product) {
        return must(read([&](store::Tx& tx) {
            return tx.get<bool>("select in_stock from products where id = $1", product.id);
        }));
    }
    std::vector<StockEntry> ledger(const Product& product) {
        return must(look(list_stock_entries, {product.variants[0].id, core::PageLimit(100), {}}, staff()))
            .data;
    }
};
KONTOR_ON_BOTH_ENGINES(Stock);

TEST_P(Stock, ChangesByHandAndLeavesEntries) {
    Product cup = make(product("Cup", 500, 10));
    EXPECT_EQ(must(adjust(cup, -3)).on_hand_after, 7);
    StockEntry counted = must(set(cup, 40));
    EXPECT_EQ(counted.on_hand_change, 33);
    EXPECT_EQ(level(cup).on_hand, 40);
    auto entries = ledger(cup);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].kind, StockEntryKind::set);
    EXPECT_EQ(entries[0].actor, staff().actor());
    EXPECT_EQ(entries[1].kind, StockEntryKind::adjust);
    EXPECT_EQ(entries[1].on_hand_change, -3);
    EXPECT_EQ(entries[1].reason, "count");
    EXPECT_EQ(entries[2].on_hand_after, 10);
    EXPECT_EQ(events("stock.changed"), (std::vector{cup.id.str(), cup.id.str()}));
}

TEST_P(Stock, NeedsEitherAdjustOrSet) {
    Product cup = make(product("Cup"));
    EXPECT_EQ(field_error(run(change_stock, {cup.variants[0].id, {}, {}, {}})), "/adjust required");
    EXPECT_EQ(field_error(run(change_stock, {cup.variants[0].id, 1, Units(1), {}})), "/adjust required");
    EXPECT_EQ(field_error(adjust(cup, units_max)), "/adjust out_of_range");
    EXPECT_EQ(error_code(run(change_stock, {core::VariantId::at({1}), 1, {}, {}})), ErrorCode::not_found);
    EXPECT_EQ(error_code(look(list_stock_entries, {core::VariantId::at({1}), {}, {}}, staff())),
              ErrorCode::not_found);
}

TEST_P(Stock, CannotFallBelowWhatIsReserved) {
    Product cup = make(product("Cup", 500, 10));
    must(reserve(cup, 4));
    EXPECT_EQ(error_code(set(cup, 3)), ErrorCode::stock_reserved);
    EXPECT_EQ(error_code(adjust(cup, -7)), ErrorCode::stock_reserved);
    EXPECT_EQ(must(set(cup, 4)).reserved_after, 4);
    EXPECT_EQ(level(cup).available, 0);
    Product other = make(product("Other", 500, 1));
    EXPECT_EQ(error_code(adjust(other, -2)), ErrorCode::stock_reserved);
}

TEST_P(Stock, IsHeldByTheDatabaseItself) {
    Product cup = make(product("Cup", 500, 10));
    auto oversold = write([&](store::Tx& tx) {
        tx.run("update variants set reserved = 11 where id = $1", cup.variants[0].id);
    });
    EXPECT_EQ(error_code(oversold), ErrorCode::stock_reserved);
}

TEST_P(Stock, IsReservedReleasedAndShipped) {
    Product cup = make(product("Cup", 500, 10));
    const std::vector<StockLine> lines{{cup.variants[0].id, cup.id, 4}};
    auto order = core::OrderId::at(clock.now());
    must(write([&](store::Tx& tx) { return reserve_stock(tx, order, lines, "guest"); }));
    EXPECT_EQ(level(cup).available, 6);
    must(write([&](store::Tx& tx) { release_stock(tx, order, lines, "guest"); }));
    EXPECT_EQ(level(cup).available, 10);
    must(write([&](store::Tx& tx) { return reserve_stock(tx, order, lines, "guest"); }));
    must(write([&](store::Tx& tx) { ship_stock(tx, order, lines, "system"); }));
    EXPECT_EQ(level(cup).on_hand, 6);
    EXPECT_EQ(level(cup).reserved, 0);
    auto entries = ledger(cup);
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries[0].kind, StockEntryKind::ship);
    EXPECT_EQ(entries[0].on_hand_change, -4);
    EXPECT_EQ(entries[0].reserved_change, -4);
    EXPECT_EQ(entries[0].on_hand_after, 6);
    EXPECT_EQ(entries[2].kind, StockEntryKind::release);
    EXPECT_EQ(entries[3].order_id, order);
}

TEST_P(Stock, IsReservedForAllLinesOrNone) {
    Product cup = make(product("Cup", 500, 10));
    Product lid = make(product("Lid", 500, 1));
    auto refused = write([&](store::Tx& tx) {
        return reserve_stock(tx, core::OrderId::at(tx.now()),
                             {{cup.variants[0].id, cup.id, 2},
                              {lid.variants[0].id, lid.id, 1},
                              {lid.variants[0].id, lid.id, 1}},
                             "guest");
    });
    ASSERT_EQ(error_code(refused), ErrorCode::out_of_stock);
    EXPECT_EQ(refused.error().extra.at("variant_id").as_string(), lid.variants[0].id.text());
    EXPECT_EQ(refused.error().extra.at("available").as_int64(), 1);
    EXPECT_EQ(level(cup).reserved, 0);
    EXPECT_EQ(ledger(cup).size(), 1U);
}

TEST_P(Stock, TellsWhenAProductSellsOutAndComesBack) {
    Product two = make(shirt());
    EXPECT_TRUE(in_stock(two));
    must(reserve(two, 3, 0));
    EXPECT_TRUE(in_stock(two)) << "blue is left";
    must(reserve(two, 2, 2));
    EXPECT_FALSE(in_stock(two));
    must(adjust(two, 1));
    EXPECT_TRUE(in_stock(two));
    EXPECT_FALSE(in_stock(make(product("Empty", 1, 0))));
}

// RE-1: no oversell.
TEST_P(Stock, LastUnitsGoToAsManyBuyersAsThereAreUnits) {
    constexpr int buyers = 60;
    constexpr int units = 7;
    Product last = make(product("Last", 500, units));
    std::atomic<int> sold = 0;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < buyers; ++i) {
            threads.emplace_back([&] {
                auto result = reserve(last, 1);
                if (result) ++sold;
                if (!result && result.error().code == ErrorCode::out_of_stock) ++refused;
            });
        }
    }
    EXPECT_EQ(sold, units);
    EXPECT_EQ(refused, buyers - units);
    EXPECT_EQ(level(last).reserved, units);
    EXPECT_EQ(level(last).available, 0);
    EXPECT_FALSE(in_stock(last));
    auto entries = ledger(last);
    ASSERT_EQ(entries.size(), units + 1U);
    for (int i = 0; i < units; ++i)
        EXPECT_EQ(entries[static_cast<std::size_t>(i)].reserved_after, units - i);
}

// Orders that name the same variants in opposite order, while two products sell out at once.
TEST_P(Stock, CrossingOrdersDoNotBlockEachOther) {
    Product a = make(product("A", 500, 20));
    Product b = make(product("B", 500, 20));
    std::atomic<int> sold = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                std::vector<StockLine> lines{{a.variants[0].id, a.id, 1}, {b.variants[0].id, b.id, 1}};
                if (t % 2 == 1) std::swap(lines[0], lines[1]);
                for (int i = 0; i < 5; ++i) {
                    auto result = write([&](store::Tx& tx) {
                        return reserve_stock(tx, core::OrderId::at(tx.now()), lines, "guest");
                    });
                    if (result) ++sold;
                }
            });
        }
    }
    EXPECT_EQ(sold, 20);
    EXPECT_FALSE(in_stock(a));
    EXPECT_FALSE(in_stock(b));
}

// Whoever is first wins: an ordered product is archived, a deleted one can't be ordered.
TEST_P(Stock, IsNeverReservedOfADeletedProduct) {
    for (int round = 0; round < 10; ++round) {
        Product cup = make(product("Cup " + std::to_string(round), 500, 1));
        bool ordered = false;
        bool deleted = false;
        {
            std::jthread buyer([&] { ordered = reserve(cup, 1).has_value(); });
            std::jthread owner([&] { deleted = run(delete_product, {cup.id}).has_value(); });
        }
        EXPECT_TRUE(deleted);
        auto left = look(get_product, {cup.id}, staff());
        EXPECT_EQ(left.has_value(), ordered);
        if (left) EXPECT_EQ(left->status, ProductStatus::archived);
    }
}

TEST_P(Stock, LedgerComesInPages) {
    Product cup = make(product("Cup", 500, 10));
    for (int i = 0; i < 6; ++i)
        must(adjust(cup, 1));
    std::vector<std::int64_t> seen;
    StockQuery query{cup.variants[0].id, core::PageLimit(3), {}};
    for (;;) {
        auto page = must(look(list_stock_entries, query, staff()));
        for (const StockEntry& entry : page.data)
            seen.push_back(entry.on_hand_after);
        if (!page.has_more) break;
        must(adjust(cup, 1));  // what comes later doesn't shift the pages
        query.cursor = *core::Cursor::from_text(*page.next_cursor);
    }
    EXPECT_EQ(seen, (std::vector<std::int64_t>{16, 15, 14, 13, 12, 11, 10}));
    query.cursor->id = core::VariantId::at({1}).str();
    EXPECT_EQ(error_code(look(list_stock_entries, query, staff())), ErrorCode::invalid_parameter);
    query.cursor = core::Cursor{"stock", "9x", cup.variants[0].id.str()};
    EXPECT_EQ(error_code(look(list_stock_entries, query, staff())), ErrorCode::invalid_parameter);
}

}  // namespace
}  // namespace catalog
