// A stored cart beside what the catalogue says of its lines now, and how that is shown.
#pragma once

#include "cart/queries.hpp"

namespace cart {

struct PricedCart {
    StoredCart cart;
    std::map<core::VariantId, catalog::Sellable> sellables;
    pricing::AskedRules rules;  // for show()

    const catalog::Sellable* find(const core::VariantId& variant) const {
        auto found = sellables.find(variant);
        return found == sellables.end() ? nullptr : &found->second;
    }

    // What can be bought by this cart: what it holds itself counts.
    std::int64_t available(const StoredLine& line) const {
        const auto* sellable = find(line.variant_id);
        return sellable ? sellable->available + line.held : 0;
    }

    // The one it was opened with, else that of the first thing in it. Empty for an empty cart opened without.
    std::optional<core::Currency> currency() const;
};

// What the catalogue says of `known` isn't asked again.
PricedCart priced(store::Tx& tx, StoredCart cart, std::optional<catalog::Sellable> known = {});
// What the cart comes to is asked with this: everything in it that is still for sale in that currency.
pricing::Basket basket_of(const PricedCart& priced, const core::Currency& currency);
// From now on the customer knows what everything in the cart costs.
void note_prices(store::Tx& tx, const PricedCart& priced);
Cart show(store::Tx& tx, const Settings& settings, PricedCart priced);

}  // namespace cart
