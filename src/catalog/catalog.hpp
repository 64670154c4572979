// Products, their variants, categories and stock: what other rooms may ask of the catalogue.
#pragma once

#include "catalog/category.hpp"
#include "catalog/product.hpp"
#include "core/caller.hpp"
#include "core/id.hpp"
#include "core/money.hpp"
#include "store/tx.hpp"

#include <map>
#include <span>

namespace catalog {

// A variant as a cart or an order line sees it.
struct Sellable {
    core::VariantId variant_id;
    core::ProductId product_id;
    std::string sku;
    std::string title;                           // of the product
    std::map<std::string, std::string> options;  // {"Color": "Red"}
    core::Price price;
    std::int64_t available = 0;  // on hand − reserved
    bool active = false;         // the product is for sale
    std::int64_t weight_grams = 0;
};

std::optional<Sellable> find_sellable(store::Tx& tx, core::VariantId variant);
// In the order asked for; variants that don't exist are left out.
std::vector<Sellable> list_sellable(store::Tx& tx, const std::vector<std::string>& variant_ids);

// Empty if no product has this slug, for sale or not.
std::optional<core::ProductId> find_product_id(store::Tx& tx, std::string_view slug);
bool has_sku(store::Tx& tx, std::string_view sku);

struct StockLine {
    core::VariantId variant_id;
    core::ProductId product_id;
    std::int64_t quantity = 0;
};

// Sets units aside for an order, all or none: 409 out_of_stock naming the variant that lacks. The conditional
// UPDATE decides, so stock can't be sold twice. Lines are taken in the order of their ids: no deadlock.
core::Result<void> reserve_stock(store::Tx& tx, core::OrderId order, std::vector<StockLine> lines,
                                 const std::string& actor);
// Sets aside for a checkout as much of each line as there is; tells how many units of which variant that was.
// What is held stays reserved under the id of the order that the checkout may become.
std::map<core::VariantId, std::int64_t> hold_stock(store::Tx& tx, core::OrderId order,
                                                   std::vector<StockLine> lines, const std::string& actor);
// Gives reserved units back to the shelf (an order was cancelled, a checkout ended without one).
void release_stock(store::Tx& tx, core::OrderId order, std::vector<StockLine> lines,
                   const std::string& actor);
// Takes reserved units off the shelf (they were shipped).
void ship_stock(store::Tx& tx, core::OrderId order, std::vector<StockLine> lines, const std::string& actor);

}  // namespace catalog
