// What the shop has of products that are about to be put (put.hpp): read for many at once, as each question
// is a round trip to PostgreSQL. Expects the catalogue's lock to be held, so that it stays true but for what
// the reader himself writes. Only for this folder's own .cpp files.
#pragma once

#include "catalog/product_rules.hpp"
#include "catalog/put.hpp"

namespace catalog {

class Standing {
public:
    Standing(store::Tx& tx, std::span<const Put> puts);

    // What it changes: the product that is known, or that of its slug, else that which has its first SKU.
    const queries::ProductRow* target(const Put& put) const;
    std::vector<queries::VariantRow> variants(core::ProductId product) const;
    std::vector<std::string> categories(core::ProductId product) const;  // ids, sorted
    // Those that the puts name and all above them.
    const CategoryParents& parents() const { return parents_; }

private:
    void read_known(store::Tx& tx, std::span<const Put> puts);
    void read_named(store::Tx& tx, std::span<const Put> puts);
    void read_sold(store::Tx& tx, std::span<const Put> puts);
    void read_parts(store::Tx& tx);
    void read_parents(store::Tx& tx, std::span<const Put> puts);

    std::map<core::ProductId, queries::ProductRow> products_;
    std::map<std::string, core::ProductId, std::less<>> by_slug_;
    std::map<std::string, core::ProductId, std::less<>> by_sku_;
    std::map<core::ProductId, std::vector<queries::VariantRow>> variants_;
    std::map<core::ProductId, std::vector<std::string>> categories_;
    CategoryParents parents_;
};

}  // namespace catalog
