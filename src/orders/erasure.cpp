// What stays of the orders of somebody who had their account erased: what was sold, for how much and to which
// country, as the books need it.
#include "orders/queries.hpp"

#include "core/json_write.hpp"

#include <boost/json/parse.hpp>

namespace orders {
namespace {

struct SentTo {
    core::OrderId id;
    std::string shipping_address;
};
BOOST_DESCRIBE_STRUCT(SentTo, (), (id, shipping_address))

std::string without_person(const std::string& address) {
    users::PostalAddress nobody;
    nobody.name = core::Text<1, 200>::trusted("Erased");
    nobody.line1 = core::Text<1, 200>::trusted("Erased");
    nobody.city = core::Text<1, 100>::trusted("Erased");
    nobody.postal_code = core::Text<1, 20>::trusted("-");
    nobody.country = core::CountryCode::trusted(boost::json::parse(address).at("country").as_string());
    return core::to_json(nobody);
}

// The key is empty, which no address's is: a guest who names one doesn't open the order.
void disown(store::Tx& tx, const std::vector<SentTo>& orders) {
    constexpr store::Sql disown_sql =
        "update orders set user_id = null, email = $3, email_key = '', shipping_address "
        "= $2, billing_address = null, note = null where id = $1";
    for (const SentTo& order : orders)
        tx.run(disown_sql, order.id, without_person(order.shipping_address), erased_email);
}

}  // namespace

void disown_orders(store::Tx& tx, core::UserId user) {
    disown(tx, tx.list<SentTo>("select id, shipping_address from orders where user_id = $1", user));
}

void disown_guest_orders(store::Tx& tx, const core::Email& email) {
    disown(tx,
           tx.list<SentTo>("select id, shipping_address from orders where user_id is null and email_key = $1",
                           email.key()));
}

}  // namespace orders
