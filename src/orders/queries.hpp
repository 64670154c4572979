// The SQL of orders, and rows to structs.
#pragma once

#include "orders/orders.hpp"

#include <limits>

namespace orders {

// What an order says whose customer had their data erased.
inline constexpr std::string_view erased_email = "erased@erased.invalid";

// Who is looking, as a query carries it: staff see all, others what is theirs.
struct Viewer {
    bool sees_all = false;
    std::optional<core::UserId> user;
    std::optional<std::string> guest_email_key;  // opens a guest's order, where its id is known
};

std::optional<Order> find_visible(store::Tx& tx, core::OrderId order, const Viewer& viewer);
std::optional<Order> find_visible_by_number(store::Tx& tx, std::int64_t number, const Viewer& viewer);
std::optional<OrderStatus> find_status(store::Tx& tx, core::OrderId order, const Viewer& viewer);
bool has_orders(store::Tx& tx, core::UserId user);

// Stores the order with its lines and fills in its number. `email_key` is the form of its address that
// searches use.
void insert_order(store::Tx& tx, Order& order, const std::string& email_key, bool has_own_billing_address,
                  const pricing::AppliedTerms& terms);
// Writes the order anew under its id and number, without timeline and shipments.
void replace_order(store::Tx& tx, const Order& order, const std::string& email_key,
                   bool has_own_billing_address);
std::optional<std::string> find_terms(store::Tx& tx, core::OrderId order);

// Moves the order on if it is in one of `from` and the viewer's. False: it isn't, and nothing changed.
bool change_status(store::Tx& tx, core::OrderId order, const std::vector<std::string>& from, OrderStatus to,
                   const Viewer& viewer);
// False unless its payment status was one of `from` and the order isn't cancelled.
bool change_payment_status(store::Tx& tx, core::OrderId order, const std::vector<std::string>& from,
                           PaymentStatus to);
// The same, also of a cancelled order.
bool set_payment_status(store::Tx& tx, core::OrderId order, const std::vector<std::string>& from,
                        PaymentStatus to);

// Counts one more order of this customer in this hour of the clock: the new count, or no row if they had
// `max` already.
store::Asked<std::int64_t> count_rate(store::Tx& tx, std::string_view customer, std::int64_t max);
// Forgets counts of hours gone by; true if there are more.
bool forget_rates(store::Tx& tx);

// The order's row must be locked: entries are numbered by its timeline as it was read.
void insert_last_of_timeline(store::Tx& tx, const Order& order);
// Moves units of a line from open to shipped. False: the line has fewer left, and nothing changed.
bool ship_units(store::Tx& tx, core::OrderId order, core::OrderLineId line, std::int64_t quantity);
void insert_shipment(store::Tx& tx, core::OrderId order, const Shipment& shipment);
// One parcel, or all of them. False: nothing of it was on its way.
bool set_delivered(store::Tx& tx, core::OrderId order, const std::optional<core::ShipmentId>& shipment);
// Locks the order's row.
std::optional<OrderStatus> lock_status(store::Tx& tx, core::OrderId order);

void insert_note(store::Tx& tx, core::OrderId order, const OrderNote& note);
std::vector<OrderNote> list_notes(store::Tx& tx, core::OrderId order, NoteId after, std::int64_t limit);

// What a list is narrowed to and where its page begins (below that place, latest first).
struct OrderFilter {
    std::optional<core::UserId> user;
    std::optional<OrderStatus> status;
    std::optional<PaymentStatus> payment_status;
    std::optional<std::string> email_key;
    std::optional<std::string> q;
    core::Time created_from;
    core::Time created_to{std::numeric_limits<std::int64_t>::max()};
    core::Time before_created{std::numeric_limits<std::int64_t>::max()};
    std::int64_t before_number = std::numeric_limits<std::int64_t>::max();
    std::int64_t limit = 0;
};
std::vector<Order> list_matching(store::Tx& tx, const OrderFilter& filter);
// `created_at`: gt, gte, lt, lte. invalid_parameter for anything else.
core::Result<void> set_period(OrderFilter& filter, const std::map<std::string, core::Time>& created_at);

// What of an order hasn't left yet, as the catalogue's stock takes it. Nothing of an imported one.
std::vector<catalog::StockLine> open_stock_lines_of(const Order& order);

// "1001" → 1001; empty if it can't be a number of an order.
std::optional<std::int64_t> number_from_text(std::string_view text);

}  // namespace orders
