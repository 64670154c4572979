// Lists of orders. An engine can only walk an index for a condition that is always there, so there is one
// statement for each condition worth walking by; the others are looked at on the way.
#include "orders/queries.hpp"

#include "orders/rows.hpp"

#define FILTERED(driver)                                                      \
    "select " ORDER_COLUMNS " from orders as o where " driver                 \
    " o.created_at between $1 and $2 and (o.created_at, o.number) < ($3, $4)" \
    " and (cast($6 as text) is null or o.user_id = $6)"                       \
    " and (cast($7 as text) is null or o.status = $7)"                        \
    " and (cast($8 as text) is null or o.payment_status = $8)"                \
    " and (cast($9 as text) is null or o.email_key = $9)"                     \
    " order by o.created_at desc, o.number desc limit $5"

namespace orders {
namespace {

constexpr store::Sql by_time = FILTERED("");
constexpr store::Sql by_user = FILTERED("o.user_id = $6 and");
constexpr store::Sql by_email = FILTERED("o.email_key = $9 and");
constexpr store::Sql by_status = FILTERED("o.status = $7 and");
constexpr store::Sql by_payment = FILTERED("o.payment_status = $8 and");
constexpr store::Sql by_number = FILTERED("o.number = $10 and");
// The line's copies of the order's time and number are what its index is sorted by.
constexpr store::Sql by_sku =
    "select " ORDER_COLUMNS
    " from order_lines as l join orders as o on o.id = l.order_id where l.sku = $10"
    " and l.ordered_at between $1 and $2 and (l.ordered_at, l.order_number) < ($3, $4)"
    " and (cast($6 as text) is null or o.user_id = $6)"
    " and (cast($7 as text) is null or o.status = $7)"
    " and (cast($8 as text) is null or o.payment_status = $8)"
    " and (cast($9 as text) is null or o.email_key = $9)"
    " order by l.ordered_at desc, l.order_number desc limit $5";

store::Sql statement_for(const OrderFilter& filter) {
    if (filter.user) return by_user;
    if (filter.email_key) return by_email;
    if (filter.status) return by_status;
    if (filter.payment_status) return by_payment;
    return by_time;
}

std::string lowered(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// Words that stand for an order: a SKU in it, or its number. Figures can be either.
std::vector<OrderRow> rows_with(store::Tx& tx, const OrderFilter& f) {
    auto rows = tx.list<OrderRow>(by_sku, f.created_from, f.created_to, f.before_created, f.before_number,
                                  f.limit, f.user, f.status, f.payment_status, f.email_key, *f.q);
    auto number = number_from_text(*f.q);
    if (!number) return rows;
    auto numbered =
        tx.find<OrderRow>(by_number, f.created_from, f.created_to, f.before_created, f.before_number, f.limit,
                          f.user, f.status, f.payment_status, f.email_key, *number);
    if (!numbered || std::ranges::count(rows, numbered->id, &OrderRow::id) > 0) return rows;
    rows.push_back(std::move(*numbered));
    std::ranges::sort(rows, [](const OrderRow& a, const OrderRow& b) {
        return std::pair(a.created_at, a.number) > std::pair(b.created_at, b.number);
    });
    if (rows.size() > static_cast<std::size_t>(f.limit)) rows.pop_back();
    return rows;
}

std::vector<OrderRow> rows_matching(store::Tx& tx, OrderFilter f) {
    const bool is_email = f.q && f.q->contains('@');
    if (f.q && !is_email) return rows_with(tx, f);
    if (is_email) {
        if (f.email_key && *f.email_key != lowered(*f.q)) return {};
        f.email_key = lowered(*f.q);
    }
    return tx.list<OrderRow>(statement_for(f), f.created_from, f.created_to, f.before_created,
                             f.before_number, f.limit, f.user, f.status, f.payment_status, f.email_key);
}

}  // namespace

std::vector<Order> list_matching(store::Tx& tx, const OrderFilter& filter) {
    return assembled(tx, rows_matching(tx, filter));
}

}  // namespace orders
