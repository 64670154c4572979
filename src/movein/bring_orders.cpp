// Carts and orders: they refer to people and goods, which have to be found here.
#include "movein/bring.hpp"

#include "core/json_read.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace movein {
namespace {

constexpr std::string_view product_kind = "products";
constexpr std::string_view variant_kind = "variant";
constexpr std::string_view order_kind = "orders";
constexpr std::string_view user_kind = "users";

Brought skipped(const char* code, const char* why, std::string new_id = {}) {
    return {Outcome::skipped, std::move(new_id), {{code, why}}};
}

// All that the line says of its options.
bool fits(const catalog::Variant& variant, const boost::json::object* options) {
    if (!options || options->empty()) return false;
    return std::ranges::all_of(*options, [&](const auto& entry) {
        const auto chosen = variant.options.find(std::string(entry.key()));
        return chosen != variant.options.end() && entry.value().is_string() &&
               std::string_view(entry.value().get_string()) == chosen->second;
    });
}

const catalog::Variant* variant_of(const catalog::Product& product, const std::string* variant_id,
                                   const boost::json::object* options) {
    for (const catalog::Variant& variant : product.variants) {
        const bool named = variant_id ? variant.id.text() == *variant_id : fits(variant, options);
        if (named || product.variants.size() == 1) return &variant;
    }
    return nullptr;
}

const boost::json::object* options_of(const Translated& document, std::size_t line) {
    const auto* lines = document.wanted.if_contains("lines");
    if (!lines || !lines->is_array() || line >= lines->get_array().size()) return nullptr;
    const auto* members = lines->get_array()[line].if_object();
    const auto* options = members ? members->if_contains("options") : nullptr;
    return options ? options->if_object() : nullptr;
}

template <class Of>
const std::string* found_in(const std::map<std::string, std::string>& ids, const Of& old_id) {
    const auto at = ids.find(old_id);
    return at == ids.end() ? nullptr : &at->second;
}

}  // namespace

std::vector<FoundLine> find_lines(store::Tx& tx, const Translated& document) {
    std::vector<std::string> product_ids;
    std::vector<std::string> variant_ids;
    for (const LineRefs& line : document.lines) {
        if (!line.product.empty()) product_ids.push_back(line.product);
        if (!line.variant.empty()) variant_ids.push_back(line.variant);
    }
    const auto moved_products = queries::list_moved(tx, product_kind, product_ids);
    const auto moved_variants = variant_ids.empty() ? std::map<std::string, std::string>()
                                                    : queries::list_moved(tx, variant_kind, variant_ids);
    std::vector<std::string> here;
    for (const auto& [old_id, new_id] : moved_products)
        here.push_back(new_id);
    const auto products = catalog::list_products_by_id(tx, mover(), here);
    std::vector<FoundLine> found(document.lines.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto* id = found_in(moved_products, document.lines[i].product);
        if (!id) continue;
        const auto product =
            std::ranges::find(products, *id, [](const catalog::Product& one) { return one.id.text(); });
        if (product == products.end()) continue;
        found[i].product_id = product->id;
        const auto* variant = variant_of(*product, found_in(moved_variants, document.lines[i].variant),
                                         options_of(document, i));
        if (!variant) continue;
        found[i].variant_id = variant->id;
        found[i].sku = variant->sku;
    }
    return found;
}

core::Result<Brought> Bringer::bring_cart(store::Tx& tx, const Item& item, const Known& known) const {
    if (known)
        return skipped("theirs_now", "The cart is its owner's here, and stays as it is", known->new_id);
    const auto user = queries::find_moved(tx, user_kind, item.document.user);
    if (!user && would_be(Kind::users, item.document.user)) return Brought{Outcome::created, {}, {}};
    if (!user) return skipped("customer_unknown", "Its owner hasn't come in");
    const auto owner = core::UserId::from_text(user->new_id).value();
    if (users::is_erased(tx, owner))
        return skipped("customer_erased", "Its owner had everything erased here");
    Brought brought;
    std::vector<cart::NewCartLine> items;
    const auto lines = find_lines(tx, item.document);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& [product, variant, quantity] = item.document.lines[i];
        const auto sellable =
            lines[i].variant_id ? catalog::find_sellable(tx, *lines[i].variant_id) : std::nullopt;
        if (sellable && sellable->active)
            items.push_back({*lines[i].variant_id, std::min(quantity, cart::quantity_per_line_max)});
        else if (!would_be(Kind::products, product))
            brought.remarks.push_back({"line_left_out", "The product " + product + " isn't for sale here"});
    }
    if (items.empty() && brought.remarks.size() == lines.size())
        return skipped("nothing_for_sale", "Nothing of it is for sale here");
    if (items.empty()) return Brought{Outcome::created, {}, {}};  // what a dry run would have made
    auto cart = cart::bring_cart(tx, options_.carts, owner, std::move(items));
    if (!cart) return std::unexpected(std::move(cart.error()));
    if (!*cart) return skipped("cart_here", "Its owner has a cart here already");
    brought.outcome = Outcome::created;
    brought.new_id = (*cart)->str();
    return brought;
}

namespace {

// What is known here of an order's customer.
struct Customer {
    std::optional<core::UserId> id;
    std::string email;
};

core::Result<Customer> customer_of(store::Tx& tx, const std::string& old_id) {
    const auto moved = queries::find_moved(tx, user_kind, old_id);
    if (!moved) return Customer{};
    const auto id = core::UserId::from_text(moved->new_id).value();
    if (users::is_erased(tx, id)) {
        return core::fail_field("", "customer_erased",
                                "The customer had everything erased here: their orders don't come again");
    }
    auto profile = users::get_profile(tx, id);
    return Customer{id, profile ? std::move(profile->email) : std::string()};
}

core::Result<orders::PastOrder> past_order(const boost::json::object& wanted) {
    orders::PastOrder past;
    core::FieldErrors errors;
    core::read_json(boost::json::value(wanted), past, core::JsonPath{}, errors);
    if (!errors.empty()) return std::unexpected(std::move(errors).to_error());
    return past;
}

}  // namespace

core::Result<Brought> Bringer::bring_order(store::Tx& tx, const Item& item, const Known& known) const {
    auto customer = customer_of(tx, item.document.user);
    if (!customer) return std::unexpected(std::move(customer.error()));
    boost::json::object wanted = item.document.wanted;
    Brought brought;
    if (customer->id)
        wanted["user_id"] = customer->id->text();
    else if (!item.document.user.empty() && !would_be(Kind::users, item.document.user))
        brought.remarks.push_back({"customer_unknown", "Its customer hasn't come in: it is a guest's order"});
    const auto lines = find_lines(tx, item.document);
    auto& told = wanted.at("lines").as_array();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto& line = told[i].as_object();
        if (lines[i].product_id) line["product_id"] = lines[i].product_id->text();
        if (lines[i].variant_id) line["variant_id"] = lines[i].variant_id->text();
        const std::string& product = item.document.lines[i].product;
        if (!lines[i].product_id && !would_be(Kind::products, product))
            brought.remarks.push_back({"product_unknown", "The product " + product + " isn't here any more"});
    }
    const std::string digest = digest_of(Kind::orders, wanted);
    if (known && known->digest == digest) return Brought{Outcome::unchanged, known->new_id, {}};
    // What is this shop's to say, and may change here, is no part of the digest.
    if (!wanted.contains("email") && !customer->email.empty()) wanted["email"] = customer->email;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto& line = told[i].as_object();
        if (!line.contains("sku") && !lines[i].sku.empty()) line["sku"] = lines[i].sku;
    }
    auto past = past_order(wanted);
    if (!past) return std::unexpected(std::move(past.error()));
    if (known) {
        auto again = orders::bring_order_again(tx, core::OrderId::from_text(known->new_id).value(), *past);
        if (!again) return std::unexpected(std::move(again.error()));
        if (!*again) return skipped("changed_here", "Somebody has worked on it here: it stays as it is");
        brought.outcome = Outcome::updated;
        brought.new_id = known->new_id;
    } else {
        auto order = orders::bring_order(tx, *past);
        if (!order) return std::unexpected(std::move(order.error()));
        if (order->sums_adjusted)
            brought.remarks.push_back({"sums_adjusted",
                                       "The parts didn't add up to the total: the difference stands as "
                                       "discount or shipping"});
        brought.outcome = Outcome::created;
        brought.new_id = order->id.str();
    }
    queries::remember(tx, order_kind, {item.old_id, brought.new_id, digest});
    return brought;
}

}  // namespace movein
