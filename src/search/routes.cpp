#include "search/search.hpp"
#include "search/state.hpp"

namespace search {
namespace {

constexpr http::Access staff = http::needs(core::Permission::catalog_write);

// A search may show any product, and a new state of the index is announced as one of the catalogue.
std::string catalog_subject(const FoundProducts&) {
    return "catalog";
}

bool needs_the_index(const ProductSearch& query) {
    return query.has_words() || query.facets;
}
template <class In>
bool always(const In&) {
    return true;
}

core::Result<http::Nothing> remove_synonyms(store::Tx& tx, const core::Caller& caller,
                                            const SynonymsAddress& address) {
    auto removed = delete_synonyms(tx, caller, address);
    if (!removed) return std::unexpected(std::move(removed.error()));
    return http::Nothing{};
}

}  // namespace

void Search::add_routes(http::Api& api) {
    api.get("/v1/products", http::everyone,
            "List products, or find them by words with q. A category includes what is below it; a product's "
            "lowest price counts; attributes[Color]=Red looks at attributes and options; facets counts what "
            "further filters would leave")
        .reads([this](store::Tx& tx, const core::Caller& caller, const ProductSearch& query) {
            return find_products(tx, caller, query);
        })
        .on<ProductSearch>(state_->pool, needs_the_index)
        .kept_until<FoundProducts>(catalog_subject);
    api.get("/v1/products/{id}/related", http::everyone,
            "List what is bought together with a product, then what is like it")
        .reads([this](store::Tx& tx, const core::Caller& caller, const catalog::ProductAddress& address) {
            return list_related(tx, caller, address);
        })
        .on<catalog::ProductAddress>(state_->pool, always);
    api.get("/v1/search/suggest", http::everyone,
            "Suggest queries, products and categories while somebody types")
        .reads([this](store::Tx& tx, const core::Caller& caller, const SuggestQuery& query) {
            return suggest(tx, caller, query);
        })
        .on<SuggestQuery>(state_->pool, always);
    api.get("/v1/search/synonyms", staff, "List the words that mean the same").reads(list_synonyms);
    api.post("/v1/search/synonyms", staff, "Say that 2 to 20 words or phrases mean the same")
        .answers(201)
        .writes(add_synonyms);
    api.get("/v1/search/synonyms/{id}", staff, "Read a group of synonyms").reads(get_synonyms);
    api.del("/v1/search/synonyms/{id}", staff, "Forget a group of synonyms")
        .writes(remove_synonyms)
        .guarded_by(get_synonyms);
}

}  // namespace search
