// Carts that somebody left, here or in the shop that they came from, for staff who ask whether they can help.
#include "cart/queries.hpp"

#include <charconv>
#include <limits>

namespace cart {
namespace {

constexpr std::string_view list_order = "abandoned";  // the name of the one sort, in cursors

}  // namespace

core::Result<core::List<AbandonedCart>> list_abandoned_carts(store::Tx& tx, const core::Caller&,
                                                             const AbandonedCartQuery& in) {
    core::Time before{std::numeric_limits<std::int64_t>::max()};
    if (in.cursor) {
        const std::string& key = in.cursor->key;
        auto [end, failed] = std::from_chars(key.data(), key.data() + key.size(), before.ms);
        bool whole = failed == std::errc{} && end == key.data() + key.size();
        if (in.cursor->order != list_order || !whole) {
            return core::fail(core::ErrorCode::invalid_parameter,
                              "cursor must be a next_cursor of this list.");
        }
    }
    const std::int64_t limit = in.limit ? in.limit->value : core::page_limit_default;
    auto rows = list_abandoned(tx, before, in.cursor ? std::string_view(in.cursor->id) : "", limit + 1);
    return core::page_of(std::move(rows), limit, [](const AbandonedCart& last) {
        return core::Cursor{std::string(list_order), std::to_string(last.noticed_at.ms), last.id.str()};
    });
}

core::Result<std::optional<core::CartId>> bring_cart(store::Tx& tx, const Settings& settings,
                                                     core::UserId owner, std::vector<NewCartLine> items) {
    lock_owner_later(tx, owner);
    if (find_current(tx, owner)) return std::optional<core::CartId>();
    core::Caller customer;
    customer.user = owner;
    auto cart = open_cart(tx, customer, settings, {{}, {}, std::move(items)});
    if (!cart) return std::unexpected(std::move(cart.error()));
    note_noticed(tx, cart->id);
    return std::optional(cart->id);
}

}  // namespace cart
