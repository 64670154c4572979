// Orders: what was bought, at which price, where it goes and how far it has come. An order is made out of one
// cart, once, in one transaction with its stock; it keeps copies of everything that may change later.
#pragma once

#include "cart/cart.hpp"
#include "orders/history.hpp"
#include "orders/states.hpp"
#include "orders/tracking_url.hpp"
#include "users/users.hpp"

#include "core/page.hpp"

namespace orders {

struct OrderLine {
    core::OrderLineId id;
    core::VariantId variant_id;
    core::ProductId product_id;
    std::string sku;
    std::string title;
    std::map<std::string, std::string> options;
    std::int64_t quantity = 0;
    std::int64_t shipped = 0;  // of these, on their way or there
    core::Money unit_price;
    core::Money total;     // unit_price × quantity
    core::Money discount;  // this line's share of the order's
    core::Money tax;       // on total − discount: in it or on top of it
};
BOOST_DESCRIBE_STRUCT(OrderLine, (),
                      (id, variant_id, product_id, sku, title, options, quantity, shipped, unit_price, total,
                       discount, tax))

struct ShipmentLine {
    core::OrderLineId line_id;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(ShipmentLine, (), (line_id, quantity))

struct Shipment {
    core::ShipmentId id;
    std::string carrier;
    std::string tracking_number;
    std::optional<std::string> tracking_url;
    std::vector<ShipmentLine> lines;
    core::Time shipped_at;
    std::optional<core::Time> delivered_at;
};
BOOST_DESCRIBE_STRUCT(Shipment, (),
                      (id, carrier, tracking_number, tracking_url, lines, shipped_at, delivered_at))

// `type`: placed, processing, partially_shipped, shipped, parcel_delivered, delivered, cancelled, paid,
// payment_authorized, payment_failed, payment_voided, partially_refunded, refunded, imported.
struct TimelineEntry {
    core::Time at;
    std::string type;
    std::string actor;
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(TimelineEntry, (), (at, type, actor, note))

struct Order {
    core::OrderId id;
    std::string number;
    OrderStatus status = OrderStatus::pending;
    PaymentStatus payment_status = PaymentStatus::unpaid;
    std::string email;
    std::optional<core::UserId> user_id;
    std::vector<OrderLine> lines;
    core::Money subtotal;
    core::Money discount_total;
    core::Money shipping_total;
    core::Money tax_total;
    core::Money total;
    bool prices_include_tax = false;  // if not, tax_total is on top of the prices
    std::optional<std::string> discount_code;
    std::optional<std::string> shipping_method;
    users::PostalAddress shipping_address;
    users::PostalAddress billing_address;
    std::vector<Shipment> shipments;
    std::vector<TimelineEntry> timeline;
    std::optional<std::string> note;
    bool imported =
        false;  // another shop took it, and counted its units: this shop's stock knows nothing of it
    core::Time created_at;
    core::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Order, (),
                      (id, number, status, payment_status, email, user_id, lines, subtotal, discount_total,
                       shipping_total, tax_total, total, prices_include_tax, discount_code, shipping_method,
                       shipping_address, billing_address, shipments, timeline, note, imported, created_at,
                       updated_at))

struct PlaceOrder {
    core::CartId cart_id;
    std::optional<core::Email> email;  // default: the cart's, then the account's; a guest must have one
    std::optional<users::PostalAddress> shipping_address;  // or one of the account; default: the cart's
    std::optional<core::AddressId> shipping_address_id;
    std::optional<users::PostalAddress> billing_address;  // default: where the goods go
    std::optional<core::Text<0, 2000>> note;
    std::optional<core::Money> expected_total;                    // what the customer was shown
    std::optional<pricing::ShippingMethodId> shipping_method_id;  // default: the cart's, else the cheapest
    std::optional<pricing::DiscountCode> discount_code;           // default: the cart's
};
BOOST_DESCRIBE_STRUCT(PlaceOrder, (),
                      (cart_id, email, shipping_address, shipping_address_id, billing_address, note,
                       expected_total, shipping_method_id, discount_code))

struct Settings {
    std::string shop_name = "Kontor";
    std::int64_t orders_per_hour_max = 0;  // of one account and of one e-mail address; 0: any number
};

// A second try with the same cart answers with the first order. Errors: not_found (the cart), cart_empty,
// price_changed with the new `total`, out_of_stock, currency_mismatch, not_deliverable, discount_unavailable,
// rate_limited, 422 for a missing e-mail or address and for one that its country's post can't deliver to.
core::Result<Order> place_order(store::Tx& tx, const core::Caller& caller, const PlaceOrder& in,
                                const Settings& settings = {});

struct OrderPath {
    core::Text<1, 40> id;              // or the number
    std::optional<core::Email> email;  // a guest's key, together with the id
};
BOOST_DESCRIBE_STRUCT(OrderPath, (), (id, email))

// Own ones; with orders:read any; a guest's by id and e-mail. Everything else is not_found.
core::Result<Order> get_order(store::Tx& tx, const core::Caller& caller, const OrderPath& in);

// How each number of an order came about.
struct ExplainedLine {
    core::OrderLineId line_id;
    std::string sku;
    core::Money total;
    core::Money discount;
    core::Money tax;
    std::string because;
};
BOOST_DESCRIBE_STRUCT(ExplainedLine, (), (line_id, sku, total, discount, tax, because))
struct ExplainedSum {
    std::string what;  // subtotal, discount_total, shipping_total, tax_total, total
    core::Money amount;
    std::string because;
};
BOOST_DESCRIBE_STRUCT(ExplainedSum, (), (what, amount, because))
struct PriceExplanation {
    core::OrderId order_id;
    std::string rounding;
    std::vector<ExplainedLine> lines;
    std::vector<ExplainedSum> sums;
    pricing::AppliedTerms terms;
};
BOOST_DESCRIBE_STRUCT(PriceExplanation, (), (order_id, rounding, lines, sums, terms))
// For whoever may read the order.
core::Result<PriceExplanation> explain_order(store::Tx& tx, const core::Caller& caller, const OrderPath& in);

// The order as a page to print, in HTML.
std::string receipt_of(const Order& order, std::string_view shop_name);

// For rooms that act on an order without a caller (followers).
std::optional<Order> find_order(store::Tx& tx, core::OrderId order);

struct OrderQuery {
    std::optional<OrderStatus> status;
    std::optional<PaymentStatus> payment_status;
    std::map<std::string, core::Time> created_at;  // gt, gte, lt, lte
    std::optional<core::Email> email;
    // Words, of which an order has each (three are looked at): its number, or the beginning of its e-mail
    // address or of a SKU in it.
    std::optional<core::SearchText> q;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(OrderQuery, (), (status, payment_status, created_at, email, q, limit, cursor))

// The latest first. Own ones; with orders:read all.
core::Result<core::List<Order>> list_orders(store::Tx& tx, const core::Caller& caller, const OrderQuery& in);

struct OrderStep {
    core::OrderId id;
    std::optional<core::Text<0, 1000>> note;
};
BOOST_DESCRIBE_STRUCT(OrderStep, (), (id, note))

struct CancelOrder {
    core::OrderId id;
    std::optional<core::Text<0, 1000>> reason;
};
BOOST_DESCRIBE_STRUCT(CancelOrder, (), (id, reason))

struct ShippedLine {
    core::OrderLineId line_id;
    core::Quantity quantity;
};
BOOST_DESCRIBE_STRUCT(ShippedLine, (), (line_id, quantity))

struct ShipOrder {
    core::OrderId id;
    core::Text<1, 100> carrier;
    core::Text<1, 100> tracking_number;
    std::optional<TrackingUrl> tracking_url;
    std::optional<std::vector<ShippedLine>> lines;  // none: all that hasn't been shipped yet
    std::optional<core::Text<0, 1000>> note;
};
BOOST_DESCRIBE_STRUCT(ShipOrder, (), (id, carrier, tracking_number, tracking_url, lines, note))

struct DeliverOrder {
    core::OrderId id;
    std::optional<core::ShipmentId> shipment_id;  // none: all parcels
    std::optional<core::Text<0, 1000>> note;
};
BOOST_DESCRIBE_STRUCT(DeliverOrder, (), (id, shipment_id, note))

// Steps of the table in states.hpp. What isn't in it is invalid_transition with `from` and `allowed`. All but
// cancel_order are for staff and trust that the route has asked for orders:write.
core::Result<Order> process_order(store::Tx& tx, const core::Caller& caller, const OrderStep& in);
// Takes the reserved units off the shelf. A parcel with a part of the order leaves it processing, as
// partially_shipped; the last one makes it shipped. 422 at the line that has fewer left to ship.
core::Result<Order> ship_order(store::Tx& tx, const core::Caller& caller, const ShipOrder& in);
// One parcel, or all that are on their way; delivered once all of a shipped order are there.
core::Result<Order> deliver_order(store::Tx& tx, const core::Caller& caller, const DeliverOrder& in);
// By staff, or by the customer while nobody has begun with it. Puts back, once, what hasn't been shipped.
core::Result<Order> cancel_order(store::Tx& tx, const core::Caller& caller, const CancelOrder& in);
// Money that came outside the shop; payments/ keeps the book of it.
core::Result<Order> mark_order_paid(store::Tx& tx, const core::Caller& caller, const OrderStep& in);
// How the order's money stands, as payments/ knows it: also of a cancelled order. A status that can't follow
// on what is there is old news and changes nothing; a further partial refund is told of as well.
void note_payment(store::Tx& tx, core::OrderId order, PaymentStatus status, std::string_view actor,
                  std::optional<std::string> note);

// What staff write to each other about an order; customers don't see it.
using NoteId = core::Id<"nte">;
struct OrderNote {
    NoteId id;
    std::string author;
    std::string text;
    core::Time created_at;
};
BOOST_DESCRIBE_STRUCT(OrderNote, (), (id, author, text, created_at))
struct NewOrderNote {
    core::OrderId id;
    core::Text<1, 4000> text;
};
BOOST_DESCRIBE_STRUCT(NewOrderNote, (), (id, text))
struct OrderNotesQuery {
    core::OrderId id;
    std::optional<core::PageLimit> limit;
    std::optional<core::Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(OrderNotesQuery, (), (id, limit, cursor))
core::Result<OrderNote> add_order_note(store::Tx& tx, const core::Caller& caller, const NewOrderNote& in);
// In the order of writing.
core::Result<core::List<OrderNote>> list_order_notes(store::Tx& tx, const core::Caller& caller,
                                                     const OrderNotesQuery& in);

// A handful of orders in different states, made by the ordinary rules out of `variants` (at least two, in one
// currency) and paid by `mark_paid`. Does nothing if the customer has orders already.
using MarkDemoPaid = std::function<core::Result<Order>(store::Tx&, const core::Caller& staff, core::OrderId)>;
core::Result<void> place_demo_orders(store::Tx& tx, const core::Caller& customer, const core::Caller& staff,
                                     const users::PostalAddress& address,
                                     const std::vector<core::VariantId>& variants,
                                     const MarkDemoPaid& mark_paid);

// Takes an erased account's owner out of its orders, which stay, nobody's from now on. The second: out of
// those placed as a guest, with an address that is proven to be theirs.
void disown_orders(store::Tx& tx, core::UserId user);
void disown_guest_orders(store::Tx& tx, const core::Email& email);

// A sentence for each order whose lines or sums don't add up, at most 200. Reads all orders.
std::vector<std::string> find_sum_faults(store::Tx& tx);
// Units that orders wait for, by order.
std::map<std::string, std::int64_t> list_awaited_units(store::Tx& tx);

}  // namespace orders
