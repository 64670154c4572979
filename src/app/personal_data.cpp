#include "app/personal_data.hpp"

#include "auth/devices.hpp"
#include "cart/cart.hpp"
#include "core/json_write.hpp"
#include "orders/orders.hpp"
#include "users/addresses.hpp"

#include <boost/json/parse.hpp>

namespace app {
namespace {

// An export is one answer in memory; who has more than that asks the shop.
constexpr std::size_t exported_of_a_kind_max = 10'000;

// All pages of a list.
template <class Query, class List>
boost::json::value all_of(store::Tx& tx, const core::Caller& caller, List list) {
    boost::json::array all;
    Query query;
    query.limit = core::PageLimit(100);
    while (all.size() < exported_of_a_kind_max) {
        auto page = list(tx, caller, query);
        if (!page) throw std::runtime_error(page.error().detail);
        for (const auto& item : page->data)
            all.push_back(boost::json::parse(core::to_json(item)));
        if (!page->has_more) break;
        query.cursor = core::Cursor::from_text(*page->next_cursor).value();
    }
    return all;
}

boost::json::value orders_of(store::Tx& tx, const core::Caller& caller) {
    core::Caller customer = caller;  // staff see everybody's orders, but export their own
    customer.permissions = {};
    return all_of<orders::OrderQuery>(tx, customer, orders::list_orders);
}

}  // namespace

void add_knowledge(account::Accounts& accounts, const auth::Auth& auth) {
    accounts.add(
        {.name = "addresses",
         .tell = [](auto& tx,
                    auto& caller) { return all_of<users::AddressQuery>(tx, caller, users::list_addresses); },
         .forget = {}});
    accounts.add(
        {.name = "devices",
         .tell = [](auto& tx,
                    auto& caller) { return all_of<auth::DeviceQuery>(tx, caller, auth::list_devices); },
         .forget = [&auth](auto& tx, auto user, auto&) { auth.end_sessions(tx, user, {}, "erased"); }});
    accounts.add({.name = "orders", .tell = orders_of, .forget = [](auto& tx, auto user, auto&) {
                      orders::disown_orders(tx, user);
                  }});
    accounts.add({.name = "cart", .tell = {}, .forget = [](auto& tx, auto user, auto&) {
                      cart::forget_owner(tx, user);
                  }});
}

}  // namespace app
