// Something to sell, for tests of carts and orders, and a look at what became of its stock.
#pragma once

#include "core/id.hpp"
#include "store/database.hpp"

namespace support {

struct Goods {
    core::ProductId product;
    core::VariantId variant;
};

// A product for sale with one variant.
Goods put_on_sale(store::Database& database, std::string_view title, std::int64_t price, std::int64_t on_hand,
                  std::string_view currency = "EUR");
void set_price(store::Database& database, const Goods& goods, std::int64_t price,
               std::string_view currency = "EUR");
void archive(store::Database& database, const Goods& goods);

struct StockNow {
    std::int64_t on_hand = 0;
    std::int64_t reserved = 0;
    friend bool operator==(const StockNow&, const StockNow&) = default;
};
BOOST_DESCRIBE_STRUCT(StockNow, (), (on_hand, reserved))

// What is on the shelf. Throws if the ledger's entries don't add up to it.
StockNow stock_of(store::Database& database, const Goods& goods);

}  // namespace support
