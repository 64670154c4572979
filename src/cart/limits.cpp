// How many of a variant one order may have: staff's word for what scripts would buy up (SE-20).
#include "cart/queries.hpp"

namespace cart {

core::Result<QuantityLimit> get_quantity_limit(store::Tx& tx, const core::Caller&,
                                               const QuantityLimitPath& in) {
    if (!catalog::find_sellable(tx, in.id)) return core::not_found("variant");
    return QuantityLimit{in.id, ask_limit(tx, in.id).find()};
}

core::Result<QuantityLimit> set_quantity_limit(store::Tx& tx, const core::Caller&,
                                               const NewQuantityLimit& in) {
    if (!catalog::find_sellable(tx, in.id)) return core::not_found("variant");
    store_limit(tx, in.id, in.quantity_max ? std::optional(in.quantity_max->value) : std::nullopt);
    return QuantityLimit{in.id, ask_limit(tx, in.id).find()};
}

}  // namespace cart
