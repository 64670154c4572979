#include "cart/priced.hpp"

#include "media/media.hpp"

namespace cart {
namespace {

std::optional<CartRequirement> requirement_of(const StoredLine& line, const catalog::Sellable& sellable,
                                              const core::Currency& currency) {
    if (!sellable.active)
        return CartRequirement{"not_for_sale", sellable.title + " is no longer for sale.", line.id};
    if (sellable.price.currency != currency) {
        return CartRequirement{"currency_mismatch", sellable.title + " has no price in this cart's currency.",
                               line.id};
    }
    if (sellable.available <= 0)
        return CartRequirement{"out_of_stock", sellable.title + " is sold out.", line.id};
    if (sellable.available < line.quantity) {
        return CartRequirement{
            "quantity_unavailable",
            "Only " + std::to_string(sellable.available) + " of " + sellable.title + " are left.", line.id};
    }
    return {};
}

std::map<core::ProductId, std::string> pictures_of(store::Tx& tx, const PricedCart& priced) {
    std::vector<std::string> products;
    for (const auto& [variant, sellable] : priced.sellables)
        products.push_back(sellable.product_id.str());
    if (products.empty()) return {};
    return media::list_first_urls(tx, products);
}

CartItem item_of(const StoredLine& line, const catalog::Sellable& sellable,
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
    item.available = sellable.available;
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
    auto pictures = pictures_of(tx, priced);
    std::int64_t subtotal = 0;
    for (const auto& line : stored.lines) {
        const auto* sellable = priced.find(line.variant_id);
        if (!sellable) {
            shown.requirements.push_back(
                {"item_removed", "Something in this cart is no longer sold and was left out.", {}});
            continue;
        }
        auto& item = shown.items.emplace_back(item_of(line, *sellable, pictures));
        shown.item_count += item.quantity;
        if (item.unit_price.currency == shown.currency) subtotal = plus(subtotal, item.total.amount);
        if (auto requirement = requirement_of(line, *sellable, shown.currency);
            requirement && !stored.order_id) {
            shown.requirements.push_back(std::move(*requirement));
        }
    }
    shown.subtotal = shown.total = {subtotal, shown.currency};
    shown.discount_total = shown.shipping_total = shown.tax_total = {0, shown.currency};
    return shown;
}

}  // namespace cart
