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
constexpr store::Sql by_words = FILTERED(
    "o.id in (select n.id from orders as n where n.number = $10"
    " union select e.id from orders as e where e.email_key = $11"
    " union select l.order_id from order_lines as l where l.sku = $12) and");

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

}  // namespace

std::vector<Order> list_matching(store::Tx& tx, const OrderFilter& f) {
    std::vector<OrderRow> rows;
    if (f.q) {
        rows = tx.list<OrderRow>(by_words, f.created_from, f.created_to, f.before_created, f.before_number,
                                 f.limit, f.user, f.status, f.payment_status, f.email_key,
                                 number_from_text(*f.q), lowered(*f.q), *f.q);
    } else {
        rows = tx.list<OrderRow>(statement_for(f), f.created_from, f.created_to, f.before_created,
                                 f.before_number, f.limit, f.user, f.status, f.payment_status, f.email_key);
    }
    return assembled(tx, std::move(rows));
}

}  // namespace orders
