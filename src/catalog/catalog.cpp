// What the catalogue does for carts and orders: who can buy what, and the units set aside for an order.
#include "catalog/catalog.hpp"

#include "catalog/options.hpp"
#include "catalog/stock_book.hpp"

#include <boost/json/serialize.hpp>

#include <set>

namespace catalog {
namespace {

struct SellableRow {
    core::VariantId variant_id;
    core::ProductId product_id;
    std::string sku;
    std::string title;
    std::string options;
    std::int64_t price = 0;
    core::Currency currency;
    std::int64_t available = 0;
    ProductStatus status = ProductStatus::draft;
    std::int64_t weight_grams = 0;
};
BOOST_DESCRIBE_STRUCT(SellableRow, (),
                      (variant_id, product_id, sku, title, options, price, currency, available, status,
                       weight_grams))

struct AttributesRow {
    std::string id;
    std::string attributes;
};
BOOST_DESCRIBE_STRUCT(AttributesRow, (), (id, attributes))

#define KONTOR_SELLABLE_SELECT                                                                            \
    "select v.id, v.product_id, v.sku, p.title, v.options, v.price, p.currency, v.on_hand - v.reserved, " \
    "p.status, coalesce(v.weight_grams, 0) "                                                              \
    "from variants v join products p on p.id = v.product_id "

Sellable sellable_of(SellableRow row) {
    Sellable sellable;
    sellable.variant_id = row.variant_id;
    sellable.product_id = row.product_id;
    sellable.sku = std::move(row.sku);
    sellable.title = std::move(row.title);
    sellable.options = text_map_from_row(row.options);
    sellable.price = {row.price, row.currency};
    sellable.available = row.available;
    sellable.active = row.status == ProductStatus::active;
    sellable.weight_grams = row.weight_grams;
    return sellable;
}

// In the order of ids, which all transactions take stock in, and each variant once.
std::vector<StockLine> in_locking_order(std::vector<StockLine> lines) {
    std::ranges::sort(lines, {}, &StockLine::variant_id);
    std::vector<StockLine> merged;
    for (const StockLine& line : lines) {
        if (!merged.empty() && merged.back().variant_id == line.variant_id) {
            merged.back().quantity += line.quantity;
        } else {
            merged.push_back(line);
        }
    }
    return merged;
}

// One order's changes of stock, gathered so that products are told of and looked at once, after the last
// variant.
class OrderBooking {
public:
    OrderBooking(store::Tx& tx, StockEntryKind kind, core::OrderId order, const std::string& actor)
        : tx_(tx), kind_(kind), order_(order), actor_(actor) {}

    void add(const StockLine& line, const StockRow& after, std::int64_t on_hand_change,
             std::int64_t reserved_change) {
        StockEntry entry;
        entry.id = core::StockEntryId::at(tx_.now());
        entry.kind = kind_;
        entry.on_hand_change = on_hand_change;
        entry.reserved_change = reserved_change;
        entry.actor = actor_;
        entry.order_id = order_;
        entry.created_at = tx_.now();
        book(tx_, line.variant_id, after, entry);
        const std::int64_t available_before = after.available() - on_hand_change + reserved_change;
        changed_.insert(after.product_id);
        if ((available_before > 0) != (after.available() > 0)) sold_out_or_back_.insert(after.product_id);
    }

    // Variants first, then products, each in the order of their ids: no two orders can wait for each other.
    void finish() {
        for (core::ProductId product : sold_out_or_back_)
            queries::refresh_in_stock(tx_, product);
        for (core::ProductId product : changed_)
            tx_.append_event("stock.changed", product.str());
    }

private:
    store::Tx& tx_;
    StockEntryKind kind_;
    core::OrderId order_;
    const std::string& actor_;
    std::set<core::ProductId> changed_;
    std::set<core::ProductId> sold_out_or_back_;
};

// The conditional update that decides who gets the last units: no row if there aren't enough.
store::Asked<StockRow> take_units(store::Tx& tx, core::VariantId variant, std::int64_t quantity) {
    return tx.ask<StockRow>(
        "update variants set reserved = reserved + $2, ordered = 1, stock_entry_count = "
        "stock_entry_count + 1 "
        "where id = $1 and on_hand - reserved >= $2 returning product_id, on_hand, reserved, "
        "stock_entry_count",
        variant, quantity);
}

// The changes of all lines, on their way together.
std::vector<store::Asked<StockRow>> ask_each(std::span<const StockLine> lines, auto ask) {
    std::vector<store::Asked<StockRow>> asked;
    asked.reserve(lines.size());
    for (const StockLine& line : lines)
        asked.push_back(ask(line));
    return asked;
}

// What can be had, with the row locked so that it stays true until the commit.
std::int64_t lock_available(store::Tx& tx, core::VariantId variant) {
    return tx
        .find<std::int64_t>(
            "update variants set reserved = reserved where id = $1 returning on_hand - reserved", variant)
        .value_or(0);
}

std::unexpected<core::Error> out_of_stock(store::Tx& tx, const StockLine& line) {
    auto available =
        tx.find<std::int64_t>("select on_hand - reserved from variants where id = $1", line.variant_id);
    return core::fail(core::ErrorCode::out_of_stock, "There are not enough units of this variant.",
                      {{"variant_id", line.variant_id.text()},
                       {"requested", line.quantity},
                       {"available", available.value_or(0)}});
}

}  // namespace

std::optional<Sellable> find_sellable(store::Tx& tx, core::VariantId variant) {
    return ask_sellables(tx, {variant.str()}).find();
}

store::Asked<Sellable> ask_sellables(store::Tx& tx, const std::vector<std::string>& variant_ids) {
    if (variant_ids.empty()) return {};
    if (variant_ids.size() == 1) {  // most carts; a plain look-up is what engines do best
        return tx.ask_as<SellableRow>(sellable_of, KONTOR_SELLABLE_SELECT "where v.id = $1",
                                      variant_ids.front());
    }
    return tx.ask_as<SellableRow>(sellable_of, KONTOR_SELLABLE_SELECT "where v.id = any($1)", variant_ids);
}

std::optional<core::ProductId> find_product_id(store::Tx& tx, std::string_view slug) {
    return tx.find<core::ProductId>("select id from products where slug = $1", slug);
}

std::vector<std::string> list_product_ids(store::Tx& tx, const std::string& after, std::int64_t limit) {
    return tx.list<std::string>("select id from products where id > $1 order by id limit $2", after, limit);
}

std::int64_t count_products(store::Tx& tx) {
    return tx.get<std::int64_t>("select count(*) from products");
}

std::vector<std::string> list_attribute_names(store::Tx& tx, std::string& after, std::int64_t limit) {
    std::set<std::string> names;
    for (const AttributesRow& row : tx.list<AttributesRow>(
             "select id, attributes from products where id > $1 order by id limit $2", after, limit)) {
        for (const auto& [name, value] : text_map_from_row(row.attributes))
            names.insert(name);
        after = row.id;
    }
    return {names.begin(), names.end()};
}

std::vector<std::string> list_product_ids_in(store::Tx& tx, const std::string& category_id,
                                             const std::string& after, std::int64_t limit) {
    return tx.list<std::string>(
        "select product_id from category_products where category_id = $1 and product_id > $2 "
        "order by product_id limit $3",
        category_id, after, limit);
}

std::vector<StockState> list_stock_states(store::Tx& tx, const std::vector<std::string>& product_ids) {
    return tx.list<StockState>("select id, in_stock from products where id = any($1)", product_ids);
}

bool has_sku(store::Tx& tx, std::string_view sku) {
    return tx.find<core::VariantId>("select id from variants where sku = $1", sku).has_value();
}

core::Result<void> reserve_stock(store::Tx& tx, core::OrderId order, std::vector<StockLine> lines,
                                 const std::string& actor) {
    lines = in_locking_order(std::move(lines));
    auto changes = ask_each(
        lines, [&](const StockLine& line) { return take_units(tx, line.variant_id, line.quantity); });
    OrderBooking booking(tx, StockEntryKind::reserve, order, actor);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto after = changes[i].find();
        if (!after) return out_of_stock(tx, lines[i]);
        booking.add(lines[i], *after, 0, lines[i].quantity);
    }
    booking.finish();
    return {};
}

std::map<core::VariantId, std::int64_t> hold_stock(store::Tx& tx, core::OrderId order,
                                                   std::vector<StockLine> lines, const std::string& actor) {
    OrderBooking booking(tx, StockEntryKind::reserve, order, actor);
    std::map<core::VariantId, std::int64_t> held;
    for (const StockLine& line : in_locking_order(std::move(lines))) {
        std::int64_t quantity = line.quantity;
        auto after = take_units(tx, line.variant_id, quantity).find();
        if (!after) {
            quantity = std::min(quantity, lock_available(tx, line.variant_id));
            if (quantity > 0) after = take_units(tx, line.variant_id, quantity).find();
        }
        if (!after) continue;
        booking.add(line, *after, 0, quantity);
        held[line.variant_id] = quantity;
    }
    booking.finish();
    return held;
}

void release_stock(store::Tx& tx, core::OrderId order, std::vector<StockLine> lines,
                   const std::string& actor) {
    lines = in_locking_order(std::move(lines));
    auto changes = ask_each(lines, [&](const StockLine& line) {
        return tx.ask<StockRow>(
            "update variants set reserved = reserved - $2, stock_entry_count = stock_entry_count + 1 where "
            "id = $1 "
            "returning product_id, on_hand, reserved, stock_entry_count",
            line.variant_id, line.quantity);
    });
    OrderBooking booking(tx, StockEntryKind::release, order, actor);
    for (std::size_t i = 0; i < lines.size(); ++i)
        booking.add(lines[i], changes[i].get(), 0, -lines[i].quantity);
    booking.finish();
}

void ship_stock(store::Tx& tx, core::OrderId order, std::vector<StockLine> lines, const std::string& actor) {
    lines = in_locking_order(std::move(lines));
    auto changes = ask_each(lines, [&](const StockLine& line) {
        return tx.ask<StockRow>(
            "update variants set reserved = reserved - $2, on_hand = on_hand - $2, "
            "stock_entry_count = stock_entry_count + 1 where id = $1 "
            "returning product_id, on_hand, reserved, stock_entry_count",
            line.variant_id, line.quantity);
    });
    OrderBooking booking(tx, StockEntryKind::ship, order, actor);
    for (std::size_t i = 0; i < lines.size(); ++i)
        booking.add(lines[i], changes[i].get(), -lines[i].quantity, -lines[i].quantity);
    booking.finish();
}

}  // namespace catalog
