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
    if (line.limit && line.quantity > *line.limit) {
        return CartRequirement{
            "quantity_limited",
            "One order may have " + std::to_string(*line.limit) + " of " + sellable.title + " at most.",
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

pricing::Basket basket_without_lines(const StoredCart& cart) {
    pricing::Basket basket;
    basket.shipping_method_id = cart.shipping_method_id;
    basket.discount_code = cart.discount_code;
    if (const auto& address = cart.shipping_address) {
        std::string region = address->region ? address->region->str() : std::string();
        basket.destination = pricing::Destination{address->country, std::move(region)};
    }
    return basket;
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

PricedCart priced(store::Tx& tx, StoredCart cart, std::optional<catalog::Sellable> known) {
    PricedCart priced{std::move(cart), {}, {}};
    auto variants = priced.cart.variant_ids();
    if (known) {
        std::erase(variants, known->variant_id.text());
        const auto variant = known->variant_id;
        priced.sellables.emplace(variant, std::move(*known));
    }
    auto asked = catalog::ask_sellables(tx, variants);
    priced.rules = pricing::ask_rules(tx, basket_without_lines(priced.cart));
    for (auto& sellable : asked.list()) {
        const auto variant = sellable.variant_id;
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

pricing::Basket basket_of(const PricedCart& priced, const core::Currency& currency) {
    pricing::Basket basket = basket_without_lines(priced.cart);
    basket.currency = currency;
    for (const auto& line : priced.cart.lines) {
        const auto* sellable = priced.find(line.variant_id);
        if (!sellable || sellable->price.currency != currency) continue;
        basket.lines.push_back(
            {times(sellable->price.amount, line.quantity), line.quantity, sellable->weight_grams});
    }
    return basket;
}

namespace {

void add_sums(Cart& shown, const pricing::Quote& quote) {
    const auto& currency = shown.currency;
    shown.subtotal = {quote.subtotal, currency};
    shown.discount_total = {quote.discount, currency};
    shown.shipping_total = {quote.shipping, currency};
    shown.tax_total = {quote.tax, currency};
    shown.total = {quote.total, currency};
    shown.prices_include_tax = quote.prices_include_tax;
    if (const auto& shipping = quote.terms.shipping) {
        shown.shipping_method_id = shipping->id;
        shown.shipping_method = shipping->name.str();
    }
    if (shown.order_id) return;
    for (const auto& obstacle : quote.obstacles)
        shown.requirements.push_back({obstacle.code, obstacle.message, {}});
}

}  // namespace

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
    shown.discount_code = stored.discount_code;
    auto pictures = pictures_of(tx, priced);
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
        if (!stored.order_id) {
            add_line_requirements(shown.requirements, line, *sellable, available, shown.currency);
        }
    }
    if (!stored.order_id && !stored.lines.empty()) add_cart_requirements(shown, stored);
    add_sums(shown, pricing::quote(basket_of(priced, shown.currency), priced.rules, tx.now()));
    return shown;
}

}  // namespace cart
