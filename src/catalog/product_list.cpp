// Lists of products: filters, sorts, pages.
//
// A page is normally a walk along one index that has the sort's order: of all products, of a brand's, or of a
// category's. Filters that such a walk only checks on the way (a price range, an attribute, sold out) may
// match so few that it would pass a million rows for twenty. So what they match is counted first, up to a
// bound: below it, those few are fetched and sorted; above it, the walk finds a page soon.
#include "catalog/catalog.hpp"
#include "catalog/cursor.hpp"
#include "catalog/list_queries.hpp"
#include "catalog/options.hpp"
#include "catalog/product_view.hpp"

namespace catalog {
namespace {

using queries::ListFilter;
using queries::ProductRow;

constexpr std::pair<std::string_view, ProductSort::Key> sort_names[] = {
    {"-created_at", ProductSort::Key::newest}, {"created_at", ProductSort::Key::oldest},
    {"price", ProductSort::Key::cheapest},     {"-price", ProductSort::Key::dearest},
    {"title", ProductSort::Key::title},        {"relevance", ProductSort::Key::relevance},
};

core::Cursor cursor_at(const ProductSort& sort, const ProductRow& row) {
    std::string key;
    switch (sort.key()) {
        case ProductSort::Key::newest:
        case ProductSort::Key::relevance:
        case ProductSort::Key::oldest: key = std::to_string(row.created_at.ms); break;
        case ProductSort::Key::cheapest:
        case ProductSort::Key::dearest: key = std::to_string(row.price_min); break;
        case ProductSort::Key::title: key = queries::title_key(row.title); break;
    }
    return {std::string(sort.text()), std::move(key), row.id.str()};
}

// Where the page begins: behind the cursor, or before everything in the price range.
core::Result<void> set_start(ListFilter& filter, const std::optional<core::Cursor>& cursor) {
    switch (filter.sort.key()) {
        case ProductSort::Key::newest:
        case ProductSort::Key::relevance:
            filter.after_number = std::numeric_limits<std::int64_t>::max();
            break;
        case ProductSort::Key::oldest: filter.after_number = -1; break;
        case ProductSort::Key::cheapest: filter.after_number = filter.price_min - 1; break;
        case ProductSort::Key::dearest: filter.after_number = filter.price_max + 1; break;
        case ProductSort::Key::title: break;
    }
    if (!cursor) return {};
    if (cursor->order != filter.sort.text() || !core::ProductId::from_text(cursor->id))
        return refuse_cursor();
    filter.after_id = cursor->id;
    if (filter.sort.key() == ProductSort::Key::title) {
        if (!core::is_clean_utf8(cursor->key)) return refuse_cursor();
        filter.after_text = cursor->key;
        return {};
    }
    auto number = integer_key(*cursor);
    if (!number) return refuse_cursor();
    filter.after_number = *number;
    return {};
}

// The public sees what is for sale; only staff may ask for another status.
core::Result<std::vector<ProductStatus>> statuses(const core::Caller& caller, const ProductQuery& query) {
    if (query.status && (*query.status == ProductStatus::active || sees_all(caller)))
        return std::vector{*query.status};
    if (query.status)
        return core::fail(core::ErrorCode::forbidden, "Only staff may list products that are not active.");
    if (!sees_all(caller)) return std::vector{ProductStatus::active};
    return std::vector{ProductStatus::draft, ProductStatus::active, ProductStatus::archived};
}

bool comes_before(ProductSort::Key key, const ProductRow& a, const ProductRow& b) {
    auto text = [](const ProductRow& row) { return queries::title_key(row.title); };
    switch (key) {
        case ProductSort::Key::newest:
        case ProductSort::Key::relevance:
            return std::pair(b.created_at, b.id) < std::pair(a.created_at, a.id);
        case ProductSort::Key::oldest: return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id);
        case ProductSort::Key::cheapest: return std::pair(a.price_min, a.id) < std::pair(b.price_min, b.id);
        case ProductSort::Key::dearest: return std::pair(b.price_min, b.id) < std::pair(a.price_min, a.id);
        case ProductSort::Key::title: return std::pair(text(a), a.id) < std::pair(text(b), b.id);
    }
    return false;
}

// The first limit + 1 rows of the page over all these statuses: each has a walk of its own along the index.
std::vector<ProductRow> list_rows(store::Tx& tx, ListFilter filter,
                                  const std::vector<ProductStatus>& wanted) {
    if (auto few = queries::find_few(tx, filter, wanted))
        return queries::list_among(tx, filter, wanted, *few);
    std::vector<ProductRow> rows;
    for (ProductStatus status : wanted) {
        for (ProductRow& row : queries::list_along_index(tx, filter, status))
            rows.push_back(std::move(row));
    }
    if (wanted.size() > 1) {
        std::ranges::sort(
            rows, [&](const auto& a, const auto& b) { return comes_before(filter.sort.key(), a, b); });
        if (rows.size() > static_cast<std::size_t>(filter.row_count))
            rows.resize(static_cast<std::size_t>(filter.row_count));
    }
    return rows;
}

}  // namespace

core::Checked<ProductSort> ProductSort::from_text(std::string_view text) {
    for (auto [name, key] : sort_names) {
        if (name != text) continue;
        ProductSort sort;
        sort.key_ = key;
        return sort;
    }
    return std::unexpected(core::Refusal{
        "invalid_value", "must be one of -created_at, created_at, price, -price, title, relevance"});
}

std::string_view ProductSort::text() const {
    return std::ranges::find(sort_names, key_, &std::pair<std::string_view, Key>::second)->first;
}

boost::json::object ProductSort::schema() {
    boost::json::array names;
    for (auto [name, key] : sort_names)
        names.emplace_back(name);
    return {{"type", "string"}, {"enum", std::move(names)}};
}

core::Result<core::List<Product>> list_products(store::Tx& tx, const core::Caller& caller,
                                                const ProductQuery& query) {
    auto wanted = statuses(caller, query);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    const std::int64_t limit = query.limit.value_or(core::page_limit_default);
    ListFilter filter;
    filter.sort = query.sort.value_or(ProductSort{});
    if (filter.sort.key() == ProductSort::Key::relevance) filter.sort = ProductSort{};
    const ProductSort sort = filter.sort;
    filter.row_count = limit + 1;
    if (query.price_min) filter.price_min = *query.price_min;
    if (query.price_max) filter.price_max = *query.price_max;
    if (auto start = set_start(filter, query.cursor); !start)
        return std::unexpected(std::move(start.error()));
    if (query.category) {
        filter.category_id = find_category_id(tx, *query.category);
        if (!filter.category_id) return core::List<Product>{};
    }
    if (query.brand) filter.brand = query.brand->str();
    filter.in_stock = query.in_stock;
    for (const auto& [name, value] : query.attributes)
        filter.pairs.push_back(attribute_pair(name, value.text()));

    auto page = core::page_of(list_rows(tx, std::move(filter), *wanted), limit,
                              [&](const ProductRow& row) { return cursor_at(sort, row); });
    return core::List<Product>{products_of(tx, page.data), page.has_more, std::move(page.next_cursor)};
}

}  // namespace catalog
