// Products, their variants, categories and stock: what other rooms may ask of the catalogue.
#pragma once

#include "catalog/category.hpp"
#include "catalog/product.hpp"
#include "catalog/put.hpp"
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

// In any order; variants that don't exist are left out.
store::Asked<Sellable> ask_sellables(store::Tx& tx, const std::vector<std::string>& variant_ids);

// Empty if no product has this slug, for sale or not.
std::optional<core::ProductId> find_product_id(store::Tx& tx, std::string_view slug);
bool has_sku(store::Tx& tx, std::string_view sku);

// In the order asked for; those that don't exist or that the caller may not see are left out.
std::vector<Product> list_products_by_id(store::Tx& tx, const core::Caller& caller,
                                         const std::vector<std::string>& ids);
// The ids behind `after` ("": from the start), in their order: for whoever reads the whole catalogue in
// parts.
std::vector<std::string> list_product_ids(store::Tx& tx, const std::string& after, std::int64_t limit);
std::int64_t count_products(store::Tx& tx);
// The names of attributes that products have, in parts as above: of `limit` products behind `after`, which
// moves on; unmoved at the end.
std::vector<std::string> list_attribute_names(store::Tx& tx, std::string& after, std::int64_t limit);
// The same of a category with what is below it.
std::vector<std::string> list_product_ids_in(store::Tx& tx, const std::string& category_id,
                                             const std::string& after, std::int64_t limit);

struct StockState {
    core::ProductId product_id;
    bool in_stock = false;
};
BOOST_DESCRIBE_STRUCT(StockState, (), (product_id, in_stock))

// Whether anything of these products can be bought. Products that don't exist are left out.
std::vector<StockState> list_stock_states(store::Tx& tx, const std::vector<std::string>& product_ids);

// What attributes[name]=value looks up, as one text. A product has one for each of its attributes and option
// values.
std::string attribute_pair(std::string_view name, std::string_view value);
std::vector<std::string> attribute_pairs(const Product& product);

// The category a reference names, if there is one.
std::optional<core::CategoryId> find_category_id(store::Tx& tx, const CategoryReference& reference);

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

// A sentence for each variant whose units aren't the sum of its ledger, at most 100. Reads the whole ledger.
std::vector<std::string> find_stock_faults(store::Tx& tx);
// Units that the ledger has as reserved, by the order they are reserved for.
std::map<std::string, std::int64_t> list_reserved_units(store::Tx& tx);

}  // namespace catalog
