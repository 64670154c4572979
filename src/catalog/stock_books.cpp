// What the stock's books say as a whole, for those who check them.
#include "catalog/catalog.hpp"

namespace catalog {
namespace {

struct ReservedRow {
    std::string order_id;
    std::int64_t units = 0;
};
BOOST_DESCRIBE_STRUCT(ReservedRow, (), (order_id, units))

}  // namespace

std::vector<std::string> find_stock_faults(store::Tx& tx) {
    return tx.list<std::string>(
        "select 'the stock of ' || v.sku || ' is not the sum of its ledger' from variants v left join "
        "(select variant_id, sum(on_hand_change) as on_hand, sum(reserved_change) as reserved, "
        "count(*) as entries from stock_entries group by variant_id) l on l.variant_id = v.id "
        "where v.on_hand <> coalesce(l.on_hand, 0) or v.reserved <> coalesce(l.reserved, 0) "
        "or v.stock_entry_count <> coalesce(l.entries, 0) limit 100");
}

std::map<std::string, std::int64_t> list_reserved_units(store::Tx& tx) {
    std::map<std::string, std::int64_t> units;
    for (ReservedRow& row : tx.list<ReservedRow>(
             "select order_id, cast(sum(reserved_change) as bigint) as units from stock_entries "
             "where order_id is not null group by order_id having sum(reserved_change) <> 0"))
        units.emplace(std::move(row.order_id), row.units);
    return units;
}

}  // namespace catalog
