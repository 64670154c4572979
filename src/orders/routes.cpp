#include "orders/routes.hpp"

#include "orders/export.hpp"

namespace orders {

void add_routes(http::Api& api, const Settings& settings, store::Database& database, async::Pool& exports) {
    constexpr auto staff = http::needs(core::Permission::orders_write);
    api.room("orders");
    api.post("/v1/orders", http::everyone, "Place an order: one cart becomes one order")
        .answers(201)
        .writes([settings](store::Tx& tx, const core::Caller& caller, const PlaceOrder& in) {
            return place_order(tx, caller, in, settings);
        });
    api.get("/v1/orders", http::signed_in_or_staff(core::Permission::orders_read),
            "List orders, the latest first: your own, or all for staff")
        .reads(list_orders);
    api.get("/v1/orders/export", http::needs(core::Permission::orders_read),
            "Orders as a file, the latest first: CSV with a row for each line, or NDJSON; filters as in the "
            "list")
        .downloads({"text/csv", "application/x-ndjson"},
                   [&database, &exports](const core::Caller& caller, OrderExportQuery query)
                       -> boost::asio::awaitable<core::Result<http::Download>> {
                       co_return export_orders(database, exports, caller, query);
                   });
    api.get("/v1/orders/{id}", http::everyone, "Read an order by id or number; a guest's by id and e-mail")
        .reads(get_order);
    api.get("/v1/orders/{id}/explain", http::everyone, "Read how each number of an order came about")
        .reads(explain_order);
    api.get("/v1/orders/{id}/receipt", http::everyone, "Read an order as a page to print")
        .reads([shop_name = settings.shop_name](store::Tx& tx, const core::Caller& caller,
                                                const OrderPath& in) -> core::Result<http::Html> {
            auto order = get_order(tx, caller, in);
            if (!order) return std::unexpected(std::move(order.error()));
            return http::Html{receipt_of(*order, shop_name)};
        });
    api.post("/v1/orders/{id}/process", staff, "Begin with an order").writes(process_order);
    api.post("/v1/orders/{id}/ship", staff,
             "Send a parcel with an order or a part of it; its units leave the stock")
        .writes(ship_order);
    api.post("/v1/orders/{id}/deliver", staff, "Note that an order, or one parcel of it, has arrived")
        .writes(deliver_order);
    api.post("/v1/orders/{id}/cancel", http::signed_in_or_staff(core::Permission::orders_write),
             "Cancel an order and put its units back; a customer while pending")
        .writes(cancel_order);
    api.get("/v1/orders/{id}/notes", http::needs(core::Permission::orders_read),
            "Read what staff wrote about an order")
        .reads(list_order_notes);
    api.post("/v1/orders/{id}/notes", staff, "Write a note about an order, for staff only")
        .answers(201)
        .writes(add_order_note);
}

}  // namespace orders
