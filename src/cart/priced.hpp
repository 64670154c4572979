// A stored cart beside what the catalogue says of its lines now, and how that is shown.
#pragma once

#include "cart/queries.hpp"

namespace cart {

struct PricedCart {
    StoredCart cart;
    std::map<core::VariantId, catalog::Sellable> sellables;

    const catalog::Sellable* find(const core::VariantId& variant) const {
        auto found = sellables.find(variant);
        return found == sellables.end() ? nullptr : &found->second;
    }

    // The one it was opened with, else that of the first thing in it. Empty for an empty cart opened without.
    std::optional<core::Currency> currency() const;
};

PricedCart priced(store::Tx& tx, StoredCart cart);
Cart show(store::Tx& tx, const Settings& settings, PricedCart priced);

}  // namespace cart
