// What goes with a product: what other customers bought with it, then what is like it.
#include "search/matching.hpp"
#include "search/state.hpp"
#include "search/words.hpp"

#include "orders/orders.hpp"

#include <set>

namespace search {
namespace {

constexpr std::size_t products_per_order_max = 20;  // of a larger order, pairs say little and are many

// Each pair of products of an order, both ways.
void count_pairs(store::Tx& tx, const std::string& order_id) {
    auto id = core::OrderId::from_text(order_id);
    auto order = id ? orders::find_order(tx, *id) : std::nullopt;
    if (!order) return;
    std::set<core::ProductId> products;
    for (const orders::OrderLine& line : order->lines) {
        if (products.size() < products_per_order_max) products.insert(line.product_id);
    }
    for (core::ProductId product : products) {
        for (core::ProductId other : products) {
            if (product == other) continue;
            tx.run(
                "insert into bought_together (product_id, other_id, order_count) "
                "select p.id, o.id, 1 from products p, products o where p.id = $1 and o.id = $2 "
                "on conflict (product_id, other_id) do update set order_count = bought_together.order_count "
                "+ 1",
                product, other);
        }
    }
}

std::vector<std::string> list_bought_with(store::Tx& tx, core::ProductId product) {
    return tx.list<std::string>(
        "select other_id from bought_together where product_id = $1 order by order_count desc, other_id "
        "limit $2",
        product, related_max);
}

// Products for sale in one of its categories, itself left out; without a category, with a word of its title.
Xapian::Query relatives_of(const catalog::Product& product, const std::vector<std::string>& terms) {
    using Xapian::Query;
    std::vector<std::string> categories;
    for (core::CategoryId category : product.category_ids)
        categories.push_back(std::string(prefix_category) + category.str());
    const auto& among = categories.empty() ? terms : categories;
    const Query others(Query::OP_AND_NOT, Query(Query::OP_OR, among.begin(), among.end()),
                       Query(std::string(prefix_product) + product.id.str()));
    Filters for_sale;
    for_sale.status = catalog::ProductStatus::active;
    return for_sale.on(others);
}

}  // namespace

std::vector<jobs::Follower> Search::followers() {
    auto apply = [](store::Tx& tx, const store::Event& event) { count_pairs(tx, event.subject); };
    return {{"bought_together", {"order.placed"}, apply}};
}

core::Result<RelatedProducts> Search::list_related(store::Tx& tx, const core::Caller& caller,
                                                   const catalog::ProductAddress& address) const {
    auto product = catalog::get_product(tx, caller, address);
    if (!product) return std::unexpected(std::move(product.error()));
    std::vector<std::string> ids = list_bought_with(tx, product->id);
    const auto alike = state_->index.read([&](const Index::Reader& reader) {
        std::vector<std::string> terms;
        for (const Word& word : words_of(product->title))
            terms.push_back(word.is_plain ? reader.stem(word.text) : word.text);
        return find_alike(reader, terms, relatives_of(*product, terms), 2 * related_max);
    });
    for (const std::string& id : alike.product_ids) {
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
    const core::Caller anybody;
    RelatedProducts related{catalog::list_products_by_id(tx, anybody, ids)};
    if (related.data.size() > static_cast<std::size_t>(related_max)) related.data.resize(related_max);
    return related;
}

}  // namespace search
