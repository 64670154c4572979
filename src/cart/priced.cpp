#include "cart/priced.hpp"

#include "media/media.hpp"

namespace cart {
namespace {

// Why this line can't be ordered as it is.
std::optional<CartRequirement> obstacle_of(const StoredLine& line, const catalog::Sellable& sellable,
                                           std::int64_t available, const core::Currency& currency) {
    if (!sellable.active)
        return CartRequirement{"not_for_sale", sellable.title + " is no longer for sale.", line.id};
    if (sellable.price.currency != currency) {
        return CartRequirement{"currency_mismatch", sellable.title + " has no price in this cart's currency.",
                               line.id};
    }
    if (available <= 0) return CartRequirement{"out_of_stock", sellable.title + " is sold out.", line.id};
    if (available < line.quantity) {
        return CartRequirement{"quantity_unavailable",
                               "Only " + std::to_string(available) + " of " + sellable.title + " are left.",
                               line.id};
    }
    return {};
}

void add_line_requirements(std::vector<CartRequirement>& requirements, const StoredLine& line,
                           const catalog::Sellable& sellable, std::int64_t available,
                           const core::Currency& currency) {
    if (auto obstacle = obstacle_of(line, sellable, available, currency))
        requirements.push_back(std::move(*obstacle));
    if (line.reduced_from) {
        requirements.push_back({"quantity_reduced",
                                "There were only " + std::to_string(line.quantity) + " of the " +
                                    std::to_string(*line.reduced_from) + " of " + sellable.title +
                                    " you wanted.",
                                line.id});
    }
    if (line.seen_price && *line.seen_price != sellable.price.amount)
        requirements.push_back(
            {"price_changed", "The price of " + sellable.title + " has changed.", line.id});
}

// What an order needs besides goods; POST /v1/orders takes both as well.
void add_cart_requirements(Cart& shown, const StoredCart& stored) {
    if (!stored.email && !stored.user_id)
        shown.requirements.push_back({"email_missing", "Say where the confirmation goes.", {}});
    if (!stored.shipping_address)
        shown.requirements.push_back({"address_missing", "Say where the goods go.", {}});
}

std::map<core::ProductId, std::string> pictures_of(store::Tx& tx, const PricedCart& priced) {
    std::vector<std::string> products;
    for (const auto& [variant, sellable] : priced.sellables)
        products.push_back(sellable.product_id.str());
    if (products.empty()) return {};
    return media::list_first_urls(tx, products);
}

CartItem item_of(const StoredLine& line, const catalog::Sellable& sellable, std::int64_t available,
                 const std::map<core::ProductId, std::string>& pictures) {
    CartItem item;
    item.id = line.id;
    item.variant_id = line.variant_id;
    item.product_id = sellable.product_id;
    item.title = sellable.title;
    item.sku = sellable.sku;
    item.options = sellable.options;
    if (auto picture = pictures.find(sellable.product_id); picture != pictures.end())
        item.image = picture->second;
    item.quantity = line.quantity;
    item.unit_price = {sellable.price.amount.value, sellable.price.currency};
    item.total = {times(sellable.price.amount.value, line.quantity), sellable.price.currency};
    item.available = available;
    item.held = line.held;
    return item;
}

}  // namespace

std::int64_t times(std::int64_t amount, std::int64_t quantity) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(amount, quantity, &product)) return core::amount_max;
    return std::min(product, core::amount_max);
}

std::int64_t plus(std::int64_t amount, std::int64_t other) {
    return std::min(amount + other, core::amount_max);
}

std::optional<core::Currency> PricedCart::currency() const {
    if (cart.currency) return cart.currency;
    for (const auto& line : cart.lines) {
        if (const auto* sellable = find(line.variant_id)) return sellable->price.currency;
    }
    return {};
}

PricedCart priced(store::Tx& tx, StoredCart cart) {
    PricedCart priced{std::move(cart), {}};
    if (priced.cart.lines.empty()) return priced;
    if (priced.cart.lines.size() == 1) {  // most carts; a plain look-up is what engines do best
        auto sellable = catalog::find_sellable(tx, priced.cart.lines.front().variant_id);
        if (sellable) priced.sellables.emplace(sellable->variant_id, std::move(*sellable));
        return priced;
    }
    for (auto& sellable : catalog::list_sellable(tx, priced.cart.variant_ids())) {
        auto variant = sellable.variant_id;
        priced.sellables.emplace(variant, std::move(sellable));
    }
    return priced;
}

void note_prices(store::Tx& tx, const PricedCart& priced) {
    for (const auto& line : priced.cart.lines) {
        const auto* sellable = priced.find(line.variant_id);
        if (sellable && line.seen_price != sellable->price.amount.value)
            note_price_later(tx, priced.cart.id, line.variant_id, sellable->price.amount);
    }
}

Cart show(store::Tx& tx, const Settings& settings, PricedCart priced) {
    StoredCart& stored = priced.cart;
    Cart shown;
    shown.id = stored.id;
    shown.currency = priced.currency().value_or(settings.currency);
    shown.email = std::move(stored.email);
    shown.order_id = stored.order_id;
    shown.created_at = stored.created_at;
    shown.updated_at = stored.updated_at;
    shown.expires_at = stored.expires_at;
    shown.held_until = stored.held_until;
    shown.shipping_address = stored.shipping_address;
    auto pictures = pictures_of(tx, priced);
    std::int64_t subtotal = 0;
    for (const auto& line : stored.lines) {
        const auto* sellable = priced.find(line.variant_id);
        if (!sellable) {
            shown.requirements.push_back(
                {"item_removed", "Something in this cart is no longer sold and was left out.", {}});
            continue;
        }
        const std::int64_t available = priced.available(line);
        auto& item = shown.items.emplace_back(item_of(line, *sellable, available, pictures));
        shown.item_count += item.quantity;
        if (item.unit_price.currency == shown.currency) subtotal = plus(subtotal, item.total.amount);
        if (!stored.order_id)
            add_line_requirements(shown.requirements, line, *sellable, available, shown.currency);
    }
    if (!stored.order_id && !stored.lines.empty()) add_cart_requirements(shown, stored);
    shown.subtotal = shown.total = {subtotal, shown.currency};
    shown.discount_total = shown.shipping_total = shown.tax_total = {0, shown.currency};
    return shown;
}

}  // namespace cart
