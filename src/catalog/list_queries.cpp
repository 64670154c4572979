#include "catalog/list_queries.hpp"

namespace catalog::queries {
namespace {

// Few enough to sort for one page in a few milliseconds; above it, a walk that checks what it passes finds a
// page in about as long.
constexpr std::int64_t few = 2000;

// Every page takes the same parameters: $1 status, $2 and $3 the sort key and id behind which it begins, $4
// and $5 the price range, $6 in stock (0, 1; -1 both), $7 brand, $8 category, $9 attribute pairs and $10 how
// many, $11 how many rows. Checks are written so that absent ones are constants to PostgreSQL's planner, and
// so that SQLite, which plans without figures, never takes one for the way to walk.
#define KONTOR_CHECKS                                                                        \
    " and ($4 = 0 or p.price_min >= $4) and ($5 = 9007199254740991 or p.price_min <= $5)"    \
    " and ($6 < 0 or p.in_stock = $6)"                                                       \
    " and (cast($7 as text) is null or p.brand = $7)"                                        \
    " and (cast($8 as text) is null or exists"                                               \
    " (select 1 from category_products x where x.product_id = p.id and x.category_id = $8))" \
    " and ($10 = 0 or $10 ="                                                                 \
    " (select count(*) from product_attributes a where a.product_id = p.id and a.pair = any($9)))"

#define KONTOR_SELECT(FROM, START, ORDER)                                                                    \
    store::Sql("select " KONTOR_PRODUCT_COLUMNS " from " FROM " and " START KONTOR_CHECKS " order by " ORDER \
               " limit $11")

// K is the table whose index is walked, ID its product id column. Where the price is the sort, the far end of
// the price range ends the walk.
#define KONTOR_IN_EACH_SORT(FROM, K, ID)                                                                  \
    {KONTOR_SELECT(FROM, "(" K ".created_at, " K ID ") < ($2, $3)", K ".created_at desc, " K ID " desc"), \
     KONTOR_SELECT(FROM, "(" K ".created_at, " K ID ") > ($2, $3)", K ".created_at, " K ID),              \
     KONTOR_SELECT(FROM, "(" K ".price_min, " K ID ") > ($2, $3) and " K ".price_min <= $5",              \
                   K ".price_min, " K ID),                                                                \
     KONTOR_SELECT(FROM, "(" K ".price_min, " K ID ") < ($2, $3) and " K ".price_min >= $4",              \
                   K ".price_min desc, " K ID " desc"),                                                   \
     KONTOR_SELECT(FROM, "(" K ".title_key, " K ID ") > ($2, $3)", K ".title_key, " K ID)}

using InEachSort = store::Sql[5];  // in the order of ProductSort::Key

constexpr InEachSort along_all = KONTOR_IN_EACH_SORT("products p where p.status = $1", "p", ".id");
constexpr InEachSort along_brand =
    KONTOR_IN_EACH_SORT("products p where p.brand = $7 and p.status = $1", "p", ".id");
constexpr InEachSort along_category = KONTOR_IN_EACH_SORT(
    "category_products k join products p on p.id = k.product_id where k.category_id = $8 and k.status = $1",
    "k", ".product_id");
// $1 statuses, $12 product ids. `|| ''` keeps the status from choosing the index.
constexpr InEachSort among =
    KONTOR_IN_EACH_SORT("products p where p.id = any($12) and p.status || '' = any($1)", "p", ".id");

std::int64_t stock_check(const ListFilter& filter) {
    return filter.in_stock ? (*filter.in_stock ? 1 : 0) : -1;
}

template <class Status, class... More>
std::vector<ProductRow> list(store::Tx& tx, const InEachSort& statements, const ListFilter& f,
                             const Status& status, const More&... more) {
    const store::Sql sql = statements[static_cast<int>(f.sort.key())];
    const auto pair_count = static_cast<std::int64_t>(f.pairs.size());
    if (f.sort.key() == ProductSort::Key::title) {
        return tx.list<ProductRow>(sql, status, f.after_text, f.after_id, f.price_min, f.price_max,
                                   stock_check(f), f.brand, f.category_id, f.pairs, pair_count, f.row_count,
                                   more...);
    }
    return tx.list<ProductRow>(sql, status, f.after_number, f.after_id, f.price_min, f.price_max,
                               stock_check(f), f.brand, f.category_id, f.pairs, pair_count, f.row_count,
                               more...);
}

// There is no index of a brand's titles.
bool walks_brand(const ListFilter& filter) {
    return filter.brand && filter.sort.key() != ProductSort::Key::title;
}

bool sorts_by_price(const ListFilter& filter) {
    return filter.sort.key() == ProductSort::Key::cheapest || filter.sort.key() == ProductSort::Key::dearest;
}

}  // namespace

std::optional<std::vector<std::string>> find_few(store::Tx& tx, const ListFilter& f,
                                                 const std::vector<ProductStatus>& statuses) {
    std::vector<std::string> wanted;
    for (ProductStatus status : statuses)
        wanted.emplace_back(boost::describe::enum_to_string(status, ""));
    auto found = [&](std::vector<std::string> ids) -> std::optional<std::vector<std::string>> {
        if (static_cast<std::int64_t>(ids.size()) > few) return {};
        return ids;
    };
    for (const std::string& pair : f.pairs) {
        auto ids = found(tx.list<std::string>(
            "select product_id from product_attributes where pair = $1 limit $2", pair, few + 1));
        if (ids) return ids;
    }
    if (f.in_stock == false) {
        auto ids = found(tx.list<std::string>(
            "select id from products where status = any($1) and in_stock = 0 limit $2", wanted, few + 1));
        if (ids) return ids;
    }
    if (f.brand && !walks_brand(f)) {
        auto ids = found(
            tx.list<std::string>("select id from products where brand = $1 and status = any($2) limit $3",
                                 *f.brand, wanted, few + 1));
        if (ids) return ids;
    }
    if ((f.price_min > 0 || f.price_max < core::amount_max) && !sorts_by_price(f)) {
        auto ids = found(tx.list<std::string>(
            "select id from products where status = any($1) and price_min between $2 and $3 limit $4", wanted,
            f.price_min, f.price_max, few + 1));
        if (ids) return ids;
    }
    return {};
}

std::vector<ProductRow> list_among(store::Tx& tx, const ListFilter& filter,
                                   const std::vector<ProductStatus>& statuses,
                                   const std::vector<std::string>& ids) {
    if (ids.empty()) return {};
    std::vector<std::string> wanted;
    for (ProductStatus status : statuses)
        wanted.emplace_back(boost::describe::enum_to_string(status, ""));
    return list(tx, among, filter, wanted, ids);
}

std::vector<ProductRow> list_along_index(store::Tx& tx, const ListFilter& filter, ProductStatus status) {
    // A brand is normally narrower than a category.
    if (walks_brand(filter)) return list(tx, along_brand, filter, status);
    if (filter.category_id) return list(tx, along_category, filter, status);
    return list(tx, along_all, filter, status);
}

}  // namespace catalog::queries
