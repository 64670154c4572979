#include "support/goods.hpp"

#include "catalog/product.hpp"
#include "support/test_database.hpp"

#include <ostream>

namespace support {
namespace {

core::Caller manager() {
    core::Caller caller;
    caller.role = core::Role::manager;
    caller.permissions = core::permissions_of(core::Role::manager);
    return caller;
}

catalog::ProductReference reference(const Goods& goods) {
    return catalog::ProductReference::from_text(goods.product.text()).value();
}

}  // namespace

Goods put_on_sale(store::Database& database, std::string_view title, std::int64_t price, std::int64_t on_hand,
                  std::string_view currency) {
    catalog::NewVariant variant;
    variant.sku = catalog::Sku::trusted("SKU-" + std::string(title));
    variant.price = {price, core::Currency::trusted(currency)};
    variant.on_hand = catalog::Units(on_hand);
    catalog::NewProduct product;
    product.title = catalog::Title::trusted(std::string(title));
    product.status = catalog::ProductStatus::active;
    product.variants.push_back(variant);
    auto made = must(store::write_now(
        database, [&](store::Tx& tx) { return catalog::create_product(tx, manager(), product); }));
    return {made.id, made.variants.front().id};
}

void set_price(store::Database& database, const Goods& goods, std::int64_t price, std::string_view currency) {
    catalog::VariantPatch patch;
    patch.id = reference(goods);
    patch.variant_id = goods.variant;
    patch.price = {true, core::Price{price, core::Currency::trusted(currency)}};
    must(store::write_now(database,
                          [&](store::Tx& tx) { return catalog::change_variant(tx, manager(), patch); }));
}

void archive(store::Database& database, const Goods& goods) {
    catalog::ProductPatch patch;
    patch.id = reference(goods);
    patch.status = {true, catalog::ProductStatus::archived};
    must(store::write_now(database,
                          [&](store::Tx& tx) { return catalog::change_product(tx, manager(), patch); }));
}

StockNow stock_of(store::Database& database, const Goods& goods) {
    return must(store::read_now(database, [&](store::Tx& tx) {
        auto now = tx.get<StockNow>("select on_hand, reserved from variants where id = $1", goods.variant);
        auto booked = tx.get<StockNow>(
            "select cast(coalesce(sum(on_hand_change), 0) as bigint),"
            " cast(coalesce(sum(reserved_change), 0) as bigint) from stock_entries where variant_id = $1",
            goods.variant);
        if (now != booked) throw std::logic_error("the ledger doesn't add up to the stock");
        return now;
    }));
}

}  // namespace support
