// What the orders' books say as a whole, for those who check them.
#include "orders/orders.hpp"

namespace orders {
namespace {

struct AwaitedRow {
    std::string order_id;
    std::int64_t units = 0;
};
BOOST_DESCRIBE_STRUCT(AwaitedRow, (), (order_id, units))

}  // namespace

std::vector<std::string> find_sum_faults(store::Tx& tx) {
    auto faults = tx.list<std::string>(
        "select 'the lines of order ' || o.number || ' do not add up to it' from orders o left join "
        "(select order_id, sum(total) as total, sum(discount) as discount, "
        "sum(case when total = unit_price * quantity and shipped between 0 and quantity then 0 else 1 end) "
        "as broken "
        "from order_lines group by order_id) l on l.order_id = o.id "
        "where o.subtotal <> coalesce(l.total, 0) or o.discount_total <> coalesce(l.discount, 0) "
        "or coalesce(l.broken, 0) > 0 limit 100");
    auto sums = tx.list<std::string>(
        "select 'the sums of order ' || number || ' do not add up to its total' from orders "
        "where total <> subtotal - discount_total + shipping_total "
        "+ case when prices_include_tax = 0 then tax_total else 0 end limit 100");
    std::ranges::move(sums, std::back_inserter(faults));
    return faults;
}

std::map<std::string, std::int64_t> list_awaited_units(store::Tx& tx) {
    std::map<std::string, std::int64_t> units;
    for (AwaitedRow& row : tx.list<AwaitedRow>(
             "select l.order_id, cast(sum(l.quantity - l.shipped) as bigint) as units from order_lines l "
             "join orders o on o.id = l.order_id where o.status in ('pending', 'processing') and o.imported "
             "= 0 "
             "group by l.order_id having sum(l.quantity - l.shipped) <> 0"))
        units.emplace(std::move(row.order_id), row.units);
    return units;
}

}  // namespace orders
