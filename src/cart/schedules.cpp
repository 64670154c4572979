#include "cart/schedules.hpp"

#include "cart/queries.hpp"
#include "core/json_write.hpp"

namespace cart {
namespace {

constexpr std::int64_t expired_per_step = 200;  // short enough not to hold up the writes of customers

struct ExpiredPayload {
    core::CartId id;
    std::optional<core::UserId> user_id;
    std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(ExpiredPayload, (), (id, user_id, email))

bool expire_some(store::Tx& tx) {
    auto expired = delete_expired(tx, expired_per_step);
    for (const auto& cart : expired) {
        if (cart.order_id) continue;
        tx.append_event("cart.expired", cart.id.str(),
                        core::to_json(ExpiredPayload{cart.id, cart.user_id, cart.email}));
    }
    for (const auto& cart : note_abandoned(tx, expired_per_step)) {
        tx.append_event("cart.abandoned", cart.id.str(),
                        core::to_json(ExpiredPayload{cart.id, cart.user_id, cart.email}));
    }
    return put_off(tx, expired_per_step) > 0 || !expired.empty();
}

constexpr std::chrono::seconds look_for_holds_every{5};  // others wait for these units
}  // namespace

jobs::Schedule expire_holds() {
    return {"expire_holds", look_for_holds_every, release_one_expired_hold};
}

jobs::Schedule expire_carts() {
    return {"expire_carts", std::chrono::minutes{10}, expire_some};
}

}  // namespace cart
