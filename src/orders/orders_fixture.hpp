// What the tests of orders share: a shop with a customer and staff, and verbs that end the test when they
// fail.
#pragma once

#include "orders/orders.hpp"

#include "support/goods.hpp"
#include "support/people.hpp"
#include "support/test_database.hpp"

namespace orders {

class OrderShop : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        ann = support::sign_up(db(), "ann@example.com");
        staff = support::sign_up(db(), "mia@example.com", core::Role::manager);
    }

    static users::PostalAddress home() {
        users::PostalAddress address;
        address.name = core::Text<1, 200>::trusted("Ann Example");
        address.line1 = core::Text<1, 200>::trusted("1 Main Street");
        address.city = core::Text<1, 100>::trusted("Hamburg");
        address.postal_code = core::Text<1, 20>::trusted("20095");
        return address;
    }
    static std::string code_of(const core::Error& error) {
        return error.fields.empty() ? std::string(core::name_of(error.code)) : error.fields.front().field;
    }

    core::CartId cart_with(const core::Caller& caller, std::vector<cart::NewCartLine> items) {
        return support::must(
                   write([&](store::Tx& tx) { return cart::open_cart(tx, caller, {}, {{}, {}, items}); }))
            .id;
    }
    static PlaceOrder command(core::CartId cart) {
        PlaceOrder command;
        command.cart_id = cart;
        command.shipping_address = home();
        return command;
    }
    auto place(const core::Caller& caller, const PlaceOrder& in) {
        return write([&](store::Tx& tx) { return place_order(tx, caller, in); });
    }
    Order order_of(const core::Caller& caller, std::vector<cart::NewCartLine> items) {
        auto in = command(cart_with(caller, std::move(items)));
        if (!caller.user) in.email = core::Email::from_text("Guest@Example.com").value();
        return support::must(place(caller, in));
    }
    auto get(const core::Caller& caller, std::string_view id, std::optional<std::string> email = {}) {
        OrderPath path{core::Text<1, 40>::trusted(std::string(id)), {}};
        if (email) path.email = core::Email::from_text(*email).value();
        return read([&, path](store::Tx& tx) { return get_order(tx, caller, path); });
    }
    auto list(const core::Caller& caller, const OrderQuery& query) {
        return read([&](store::Tx& tx) { return list_orders(tx, caller, query); });
    }
    auto step(core::Result<Order> (*rule)(store::Tx&, const core::Caller&, const OrderStep&),
              core::OrderId id) {
        return write([&](store::Tx& tx) { return rule(tx, staff, {id, {}}); });
    }
    auto deliver(core::OrderId id, std::optional<core::ShipmentId> parcel = {}) {
        return write([&, id, parcel](store::Tx& tx) { return deliver_order(tx, staff, {id, parcel, {}}); });
    }
    auto ship(core::OrderId id) { return ship_parcel(id, {}); }
    auto ship(core::OrderId id, std::vector<ShippedLine> lines) { return ship_parcel(id, std::move(lines)); }
    core::Result<Order> ship_parcel(core::OrderId id, std::optional<std::vector<ShippedLine>> lines) {
        ShipOrder in;
        in.id = id;
        in.carrier = core::Text<1, 100>::trusted("DHL");
        in.tracking_number = core::Text<1, 100>::trusted("JD0146");
        in.tracking_url = TrackingUrl::from_text("https://dhl.example/JD0146").value();
        in.lines = std::move(lines);
        return write([&, in](store::Tx& tx) { return ship_order(tx, staff, in); });
    }
    auto cancel(const core::Caller& caller, core::OrderId id) {
        return write([&, id](store::Tx& tx) {
            return cancel_order(tx, caller, {id, core::Text<0, 1000>::trusted("changed my mind")});
        });
    }
    std::vector<std::string> events_of(core::OrderId order) {
        return support::must(read([&](store::Tx& tx) {
            return tx.list<std::string>("select type from events where subject = $1 order by id", order);
        }));
    }

    core::Caller ann;
    core::Caller staff;
};

}  // namespace orders
