// One document's way into the shop, inside a transaction. Only for this folder's own .cpp files.
#pragma once

#include "movein/movein.hpp"
#include "movein/queries.hpp"
#include "movein/translate.hpp"

#include <set>

namespace movein {

struct Item {
    std::string old_id;
    Translated document;
    std::optional<catalog::PutProduct> product;  // of a product: `document.wanted`, checked
    std::vector<bulk::ReadyPicture> pictures;
};

struct Brought {
    Outcome outcome = Outcome::unchanged;
    std::string new_id;  // what is remembered; empty: nothing is
    std::vector<Remark> remarks;
};

// Old ids of what a dry run would have made, by kind: what comes later isn't told that they are missing.
using WouldBe = std::map<Kind, std::set<std::string, std::less<>>>;

// Staff, as far as the catalogue asks.
core::Caller mover();

class Bringer {
public:
    Bringer(const MoveInOptions& options, const WouldBe& would_be) : options_(options), would_be_(would_be) {}

    // An error is for the caller to tell; the transaction has to be rolled back.
    core::Result<Brought> bring(store::Tx& tx, Kind kind, const Item& item) const;

    // Whether this very document has come in already. Only for kinds whose documents stand by themselves.
    bool has_come(store::Tx& tx, Kind kind, const Item& item) const;

private:
    using Known = std::optional<queries::Moved>;

    core::Result<Brought> bring_user(store::Tx& tx, const Item& item, const Known& known) const;
    core::Result<Brought> bring_category(store::Tx& tx, const Item& item, const Known& known) const;
    core::Result<Brought> bring_product(store::Tx& tx, const Item& item, const Known& known) const;
    core::Result<Brought> bring_cart(store::Tx& tx, const Item& item, const Known& known) const;
    core::Result<Brought> bring_order(store::Tx& tx, const Item& item, const Known& known) const;
    std::string digest_of(Kind kind, const boost::json::object& wanted) const;
    bool would_be(Kind kind, std::string_view old_id) const;

    const MoveInOptions& options_;
    const WouldBe& would_be_;
};

// What the lines of a cart or an order mean here. Null pointers: nothing that is here.
struct FoundLine {
    std::optional<core::ProductId> product_id;
    std::optional<core::VariantId> variant_id;
    std::string sku;
};
std::vector<FoundLine> find_lines(store::Tx& tx, const Translated& document);

std::string hashed(std::string_view text);

}  // namespace movein
