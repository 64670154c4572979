#include "app/personal_data.hpp"

#include "auth/devices.hpp"
#include "cart/cart.hpp"
#include "chat/safety.hpp"
#include "core/json_write.hpp"
#include "core/or_throw.hpp"
#include "orders/orders.hpp"
#include "users/addresses.hpp"

#include <boost/json/parse.hpp>

namespace app {
namespace {

// An export is one answer in memory; who has more than that asks the shop.
constexpr std::size_t exported_of_a_kind_max = 10'000;

// Pages of a list, behind one another.
template <class Query, class List>
boost::json::array all_of(store::Tx& tx, const core::Caller& caller, List list, Query query = {},
                          std::size_t max = exported_of_a_kind_max) {
    boost::json::array all;
    query.limit = core::PageLimit(100);
    while (all.size() < max) {
        auto page = core::or_throw(list(tx, caller, query));
        for (const auto& item : page.data)
            all.push_back(boost::json::parse(core::to_json(item)));
        if (!page.has_more) break;
        query.cursor = core::Cursor::from_text(*page.next_cursor).value();
    }
    return all;
}

// Staff see everybody's, but export their own.
core::Caller as_customer(const core::Caller& caller) {
    core::Caller customer = caller;
    customer.permissions = {};
    return customer;
}

boost::json::value orders_of(store::Tx& tx, const core::Caller& caller) {
    return all_of<orders::OrderQuery>(tx, as_customer(caller), orders::list_orders);
}

// Placed without signing in, with an address that is proven to be the caller's.
boost::json::value guest_orders_of(store::Tx& tx, const core::Caller& caller) {
    auto profile = users::get_profile(tx, *caller.user);
    if (!profile || !profile->email_verified) return boost::json::array();
    core::Caller reader = caller;
    reader.permissions = {core::Permission::orders_read};
    orders::OrderQuery query;
    query.email = core::Email::from_text(profile->email).value();
    boost::json::array guests;
    for (auto& order : all_of(tx, reader, orders::list_orders, query)) {
        if (order.at("user_id").is_null()) guests.push_back(std::move(order));
    }
    return guests;
}

// With all that was said in them: the caller may read it.
boost::json::value conversations_of(store::Tx& tx, const core::Caller& caller) {
    const core::Caller person = as_customer(caller);
    auto conversations = all_of<chat::ConversationQuery>(tx, person, chat::list_conversations);
    std::size_t left = exported_of_a_kind_max;
    for (auto& conversation : conversations) {
        chat::MessageQuery query;
        query.id = chat::ConversationId::from_text(conversation.at("id").as_string()).value();
        auto messages = all_of(tx, person, chat::list_messages, query, left);
        left -= std::min(left, messages.size());
        conversation.as_object().erase("last_message");
        conversation.as_object()["messages"] = std::move(messages);
    }
    return conversations;
}

boost::json::value blocks_of(store::Tx& tx, const core::Caller& caller) {
    return all_of<chat::BlockQuery>(tx, caller, chat::list_blocks);
}

}  // namespace

void add_knowledge(account::Accounts& accounts, const auth::Auth& auth) {
    using users::ErasedAccount;
    accounts.add({.name = "addresses",
                  .tell = [](auto& tx, auto& caller) -> boost::json::value {
                      return all_of<users::AddressQuery>(tx, caller, users::list_addresses);
                  },
                  .forget = {}});
    accounts.add(
        {.name = "devices",
         .tell = [](auto& tx, auto& caller) -> boost::json::value {
             return all_of<auth::DeviceQuery>(tx, caller, auth::list_devices);
         },
         .forget = [&auth](auto& tx, auto user, auto&) { auth.end_sessions(tx, user, {}, "erased"); }});
    accounts.add({.name = "orders", .tell = orders_of, .forget = [](auto& tx, auto user, auto&) {
                      orders::disown_orders(tx, user);
                  }});
    accounts.add({.name = "guest_orders",
                  .tell = guest_orders_of,
                  .forget = [](auto& tx, auto, const ErasedAccount& erased) {
                      if (erased.email_verified) orders::disown_guest_orders(tx, erased.email);
                  }});
    accounts.add({.name = "conversations",
                  .tell = conversations_of,
                  .forget = [](auto& tx, auto user, auto&) { chat::forget_person(tx, user); }});
    accounts.add({.name = "blocks", .tell = blocks_of, .forget = {}});
    accounts.add({.name = "cart", .tell = {}, .forget = [](auto& tx, auto user, auto&) {
                      cart::forget_owner(tx, user);
                  }});
}

}  // namespace app
