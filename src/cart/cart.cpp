#include "cart/cart.hpp"

#include "cart/holds.hpp"
#include "cart/priced.hpp"

namespace cart {
namespace {

using core::ErrorCode;

// What was just put in must be for sale, in the cart's currency and within the limits.
core::Result<void> check_added(const PricedCart& priced, const NewCartLine& added, const std::string& path) {
    const auto* sellable = priced.find(added.variant_id);
    if (!sellable || !sellable->active) {
        return core::fail_field(path + "/variant_id", "not_for_sale", "There is no such variant for sale.");
    }
    auto currency = priced.currency().value();
    if (sellable->price.currency != currency) {
        return core::fail(ErrorCode::currency_mismatch,
                          "This cart is in " + std::string(currency.text()) + ", the price in " +
                              std::string(sellable->price.currency.text()) + ".",
                          {{"currency", currency.text()}});
    }
    auto line = std::ranges::find(priced.cart.lines, added.variant_id, &StoredLine::variant_id);
    if (line != priced.cart.lines.end() && line->quantity > quantity_per_line_max) {
        return core::fail_field(
            path + "/quantity", "out_of_range",
            "A cart holds at most " + std::to_string(quantity_per_line_max) + " of one variant.");
    }
    if (priced.cart.lines.size() > lines_max) {
        return core::fail_field(path + "/variant_id", "too_many_lines",
                                "A cart holds at most " + std::to_string(lines_max) + " different variants.");
    }
    return {};
}

StoredLine new_line(store::Tx& tx, const NewCartLine& line) {
    return {.id = core::CartItemId::at(tx.now()), .variant_id = line.variant_id, .quantity = line.quantity};
}

// As add_line_later() stores it, but for a price that has changed: the answer tells of it once more.
void put_in(StoredCart& cart, const StoredLine& added) {
    auto line = std::ranges::find(cart.lines, added.variant_id, &StoredLine::variant_id);
    if (line == cart.lines.end()) {
        cart.lines.push_back(added);
        return;
    }
    line->quantity += added.quantity;
    line->reduced_from = {};
}

// Lines whose variant the catalogue no longer has are dropped by the next change; its answer is the last to
// tell.
void drop_removed(store::Tx& tx, const PricedCart& priced) {
    std::vector<std::string> gone;
    for (const auto& line : priced.cart.lines) {
        if (!priced.find(line.variant_id)) gone.push_back(line.variant_id.str());
    }
    if (!gone.empty()) delete_lines_of(tx, priced.cart.id, gone);
}

// The cart after a change that has been sent to the database.
core::Result<Cart> changed(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                           core::CartId id) {
    auto cart = find_cart(tx, caller, id);
    if (auto open = check_open(cart); !open) return std::unexpected(std::move(open.error()));
    release_surplus(tx, caller, *cart);
    auto now_priced = priced(tx, std::move(*cart));
    drop_removed(tx, now_priced);
    note_prices(tx, now_priced);
    return show(tx, settings, std::move(now_priced));
}

}  // namespace

core::Result<void> check_open(const std::optional<StoredCart>& cart) {
    if (!cart) return core::not_found("cart");
    if (cart->order_id) {
        return core::fail(ErrorCode::cart_ordered, "This cart has become an order and can't be changed.",
                          {{"order_id", cart->order_id->text()}});
    }
    return {};
}

core::Result<Cart> get_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                            const CartPath& in) {
    auto cart = find_cart(tx, caller, in.id);
    if (!cart) return core::not_found("cart");
    return show(tx, settings, priced(tx, std::move(*cart)));
}

core::Result<Cart> open_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                             const NewCart& in) {
    if (in.items.size() > lines_max) {
        return core::fail_field("/items", "too_long",
                                "A cart holds at most " + std::to_string(lines_max) + " lines.");
    }
    StoredCart cart;
    cart.id = core::CartId::unguessable();
    cart.user_id = caller.user;
    if (in.email) cart.email = in.email->str();
    cart.currency = in.currency;
    cart.created_at = cart.updated_at = tx.now();
    cart.expires_at = tx.now() + settings.lifetime;
    insert_cart(tx, cart);
    if (in.items.empty()) return show(tx, settings, {std::move(cart), {}, {}});

    for (const auto& line : in.items)
        add_line_later(tx, caller, cart.id, new_line(tx, line));
    auto now_priced = priced(tx, find_cart(tx, caller, cart.id).value());
    for (std::size_t i = 0; i < in.items.size(); ++i) {
        auto checked = check_added(now_priced, in.items[i], "/items/" + std::to_string(i));
        if (!checked) return std::unexpected(std::move(checked.error()));
    }
    note_prices(tx, now_priced);
    return show(tx, settings, std::move(now_priced));
}

core::Result<Cart> add_to_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                               const CartAddition& in) {
    renew_later(tx, caller, in.id, settings);
    auto asked = catalog::ask_sellables(tx, {in.variant_id.str()});
    auto limit = ask_limit(tx, in.variant_id);
    auto cart = find_cart(tx, caller, in.id);
    if (auto open = check_open(cart); !open) return std::unexpected(std::move(open.error()));
    auto sellable = asked.find();
    StoredLine line = new_line(tx, {in.variant_id, in.quantity});
    line.limit = limit.find();
    if (sellable) line.seen_price = sellable->price.amount;
    put_in(*cart, line);
    auto now_priced = priced(tx, std::move(*cart), std::move(sellable));
    auto checked = check_added(now_priced, {in.variant_id, in.quantity}, "");
    if (!checked) return std::unexpected(std::move(checked.error()));
    add_line_later(tx, caller, in.id, line);
    drop_removed(tx, now_priced);
    note_prices(tx, now_priced);
    return show(tx, settings, std::move(now_priced));
}

core::Result<Cart> change_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                               const CartChange& in) {
    if (in.shipping_address.value) {
        auto fits = users::check_by_country(*in.shipping_address.value, "/shipping_address");
        if (!fits) return std::unexpected(std::move(fits.error()));
    }
    if (!renew(tx, caller, in.id, settings)) return changed(tx, caller, settings, in.id);
    if (in.email.given) set_email(tx, in.id, in.email.value);
    if (in.shipping_address.given) set_shipping_address(tx, in.id, in.shipping_address.value);
    if (in.shipping_method_id.given) set_shipping_method(tx, in.id, in.shipping_method_id.value);
    if (in.discount_code.given) set_discount_code(tx, in.id, in.discount_code.value);
    auto cart = changed(tx, caller, settings, in.id);
    if (!cart || !in.discount_code.value) return cart;
    auto refusal = std::ranges::find(cart->requirements, "discount_unavailable", &CartRequirement::code);
    if (refusal == cart->requirements.end()) return cart;
    return core::fail(ErrorCode::discount_unavailable, refusal->message);
}

core::Result<core::List<pricing::ShippingOffer>> list_cart_shipping(store::Tx& tx, const core::Caller& caller,
                                                                    const CartPath& in) {
    auto cart = find_cart(tx, caller, in.id);
    if (!cart) return core::not_found("cart");
    core::List<pricing::ShippingOffer> offers;
    auto now_priced = priced(tx, std::move(*cart));
    auto currency = now_priced.currency();
    if (currency && now_priced.cart.shipping_address)
        offers.data =
            pricing::list_shipping_offers(basket_of(now_priced, *currency), now_priced.rules, tx.now());
    return offers;
}

core::Result<Cart> change_cart_item(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                    const CartItemChange& in) {
    if (in.quantity == 0) return remove_cart_item(tx, caller, settings, {in.id, in.item_id});
    renew_later(tx, caller, in.id, settings);
    bool found = set_quantity(tx, caller, in);
    auto cart = changed(tx, caller, settings, in.id);
    if (cart && !found) return core::not_found("item in this cart");
    return cart;
}

core::Result<Cart> remove_cart_item(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                                    const CartItemPath& in) {
    renew_later(tx, caller, in.id, settings);
    auto removed = delete_line(tx, caller, in);
    auto cart = changed(tx, caller, settings, in.id);
    if (cart && !removed) return core::not_found("item in this cart");
    if (cart && removed->held > 0) release_line(tx, caller, in.id, *removed);
    return cart;
}

core::Result<void> delete_cart(store::Tx& tx, const core::Caller& caller, const CartPath& in) {
    renew_later(tx, caller, in.id, {});  // locks it
    auto cart = find_cart(tx, caller, in.id);
    if (auto open = check_open(cart); !open) return open;
    release_hold(tx, caller, *cart);
    delete_cart_row(tx, caller, in.id);
    return {};
}

core::Result<Cart> get_current_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings) {
    auto current = find_current(tx, caller.user.value());
    if (!current) return core::not_found("open cart of this account");
    return get_cart(tx, caller, settings, {*current});
}

core::Result<Cart> claim_cart(store::Tx& tx, const core::Caller& caller, const Settings& settings,
                              const CartPath& in) {
    const core::UserId user = caller.user.value();
    lock_owner_later(tx, user);
    renew_later(tx, caller, in.id, settings);
    auto cart = find_cart(tx, caller, in.id);
    if (auto open = check_open(cart); !open) return std::unexpected(std::move(open.error()));
    if (cart->user_id) return changed(tx, caller, settings, in.id);

    // Not renewed means ordered a moment ago: then this one becomes theirs as it is.
    auto mine = find_current(tx, user);
    if (!mine || !renew(tx, caller, *mine, settings)) {
        set_owner(tx, in.id, user);
        return changed(tx, caller, settings, in.id);
    }
    move_hold(tx, caller, *cart, find_cart(tx, caller, *mine).value());
    merge(tx, in.id, *mine);
    auto merged = changed(tx, caller, settings, *mine);
    if (!merged) return merged;
    if (merged->items.size() > lines_max) {
        return core::fail(ErrorCode::conflict, "Together these carts would have more than " +
                                                   std::to_string(lines_max) + " lines.");
    }
    bool mixed = std::ranges::any_of(merged->requirements,
                                     [](const auto& needed) { return needed.code == "currency_mismatch"; });
    if (mixed) {
        return core::fail(ErrorCode::currency_mismatch, "Your own cart is in another currency than this one.",
                          {{"cart_id", mine->text()}, {"currency", merged->currency.text()}});
    }
    return merged;
}

core::Result<TakeResult> take_cart(store::Tx& tx, const core::Caller& caller, core::CartId id,
                                   core::OrderId proposed) {
    spend_later(tx, caller, id, proposed);
    auto cart = find_cart(tx, caller, id);
    if (!cart || !cart->order_id) return core::not_found("cart");
    if (cart->spent_by != proposed) return TakeResult{cart->order_id, {}};
    if (cart->lines.empty()) return core::fail(ErrorCode::cart_empty, "There is nothing in this cart.");
    TakeResult result;
    result.cart = {id,
                   *cart->order_id,
                   cart->user_id,
                   std::move(cart->email),
                   std::move(cart->shipping_address),
                   cart->shipping_method_id,
                   std::move(cart->discount_code),
                   cart->currency,
                   {}};
    for (const auto& line : cart->lines)
        result.cart.lines.push_back({line.variant_id, line.quantity, line.held, line.limit});
    return result;
}

}  // namespace cart
