#include "cart/holds.hpp"

#include "cart/priced.hpp"

namespace cart {
namespace {

const std::string clock_actor = "system";

struct HeldRow {
    std::string hold_id;
    std::int64_t units = 0;
};
BOOST_DESCRIBE_STRUCT(HeldRow, (), (hold_id, units))

std::vector<catalog::StockLine> held_lines(const StoredCart& cart) {
    std::vector<catalog::StockLine> lines;
    for (const auto& line : cart.lines) {
        if (line.held > 0) lines.push_back({line.variant_id, {}, line.held});
    }
    return lines;
}

// What the cart still lacks of goods that can be sold to it, up to what one order may have.
std::vector<catalog::StockLine> lines_to_hold(const PricedCart& priced) {
    std::vector<catalog::StockLine> lines;
    for (const auto& line : priced.cart.lines) {
        const auto* sellable = priced.find(line.variant_id);
        bool for_sale = sellable && sellable->active && sellable->price.currency == priced.currency();
        const std::int64_t wanted = std::min(line.quantity, line.limit.value_or(line.quantity));
        if (for_sale && wanted > line.held)
            lines.push_back({line.variant_id, sellable->product_id, wanted - line.held});
    }
    return lines;
}

// The lines as they are behind a hold of `taken` more units; a line that has got fewer than it wanted asks
// for no more.
void add_held(store::Tx& tx, StoredCart& cart, const std::map<core::VariantId, std::int64_t>& taken) {
    for (auto& line : cart.lines) {
        auto more = taken.find(line.variant_id);
        if (more != taken.end()) line.held += more->second;
        if (line.held > 0 && line.held < line.quantity)
            line.reduced_from = std::exchange(line.quantity, line.held);
        store_line(tx, cart.id, line);
    }
}

}  // namespace

void release_hold(store::Tx& tx, const core::Caller& caller, StoredCart& cart) {
    if (!cart.held_until) return;
    catalog::release_stock(tx, *cart.hold_id, held_lines(cart), caller.actor());
    clear_held(tx, cart.id);
    end_hold(tx, cart.id);
    cart.held_until.reset();
    for (auto& line : cart.lines)
        line.held = 0;
}

void release_surplus(store::Tx& tx, const core::Caller& caller, StoredCart& cart) {
    if (!cart.held_until) return;
    std::vector<catalog::StockLine> surplus;
    for (auto& line : cart.lines) {
        if (line.held <= line.quantity) continue;
        surplus.push_back({line.variant_id, {}, line.held - line.quantity});
        line.held = line.quantity;
        store_line(tx, cart.id, line);
    }
    if (!surplus.empty()) catalog::release_stock(tx, *cart.hold_id, std::move(surplus), caller.actor());
}

void release_line(store::Tx& tx, const core::Caller& caller, core::CartId id, const StoredLine& removed) {
    auto cart = find_cart(tx, caller, id);
    catalog::release_stock(tx, cart.value().hold_id.value(), {{removed.variant_id, {}, removed.held}},
                           caller.actor());
}

void move_hold(store::Tx& tx, const core::Caller& caller, const StoredCart& from, const StoredCart& into) {
    if (!from.held_until) return;
    if (!into.held_until) {
        start_hold(tx, into.id, *from.hold_id, *from.held_since, *from.held_until);
        return;
    }
    // The rows stay locked in between, so nobody else can take what is given back here.
    catalog::release_stock(tx, *from.hold_id, held_lines(from), caller.actor());
    auto moved = catalog::reserve_stock(tx, *into.hold_id, held_lines(from), caller.actor());
    if (!moved) throw std::logic_error("units that were held can't be held again");
}

bool release_one_expired_hold(store::Tx& tx) {
    auto ended = end_one_expired_hold(tx);
    if (!ended) return false;
    auto lines = list_held(tx, ended->id);
    clear_held(tx, ended->id);
    catalog::release_stock(tx, ended->hold_id, std::move(lines), clock_actor);
    return true;
}

std::map<std::string, std::int64_t> list_held_units(store::Tx& tx) {
    std::map<std::string, std::int64_t> units;
    for (HeldRow& row :
         tx.list<HeldRow>("select c.hold_id, cast(sum(i.held) as bigint) as units from carts c "
                          "join cart_items i on i.cart_id = c.id where c.held_until is not null "
                          "group by c.hold_id having sum(i.held) <> 0"))
        units.emplace(std::move(row.hold_id), row.units);
    return units;
}

core::Result<Cart> check_out(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                             const CartPath& in) {
    renew_later(tx, caller, in.id, settings);
    auto cart = find_cart(tx, caller, in.id);
    if (auto open = check_open(cart); !open) return std::unexpected(std::move(open.error()));
    auto now_priced = priced(tx, std::move(*cart));
    StoredCart& held = now_priced.cart;
    if (held.lines.empty()) return core::fail(core::ErrorCode::cart_empty, "There is nothing in this cart.");

    const bool goes_on = held.held_until.has_value();
    const auto hold = goes_on ? *held.hold_id : core::OrderId::at(tx.now());
    auto taken = catalog::hold_stock(tx, hold, lines_to_hold(now_priced), caller.actor());
    for (auto& line : held.lines) {
        if (const auto* sellable = now_priced.find(line.variant_id)) {
            line.seen_price = sellable->price.amount.value;
            now_priced.sellables.at(line.variant_id).available -= taken[line.variant_id];
        }
    }
    add_held(tx, held, taken);
    bool holds = std::ranges::any_of(held.lines, [](const auto& line) { return line.held > 0; });
    if (!goes_on && holds) {
        held.held_until = tx.now() + std::min(settings.hold, settings.hold_max);
        start_hold(tx, held.id, hold, tx.now(), *held.held_until);
    }
    return show(tx, settings, std::move(now_priced));
}

core::Result<Cart> end_checkout(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                const CartPath& in) {
    renew_later(tx, caller, in.id, settings);
    auto cart = find_cart(tx, caller, in.id);
    if (auto open = check_open(cart); !open) return std::unexpected(std::move(open.error()));
    release_hold(tx, caller, *cart);
    return show(tx, settings, priced(tx, std::move(*cart)));
}

}  // namespace cart
