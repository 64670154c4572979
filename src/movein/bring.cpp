#include "movein/bring.hpp"

#include "account/account.hpp"
#include "core/encoding.hpp"
#include "core/json_read.hpp"

#include <boost/json/serialize.hpp>

#include <sodium.h>

namespace movein {
namespace {

constexpr std::string_view variant_kind = "variant";  // part of a product

std::string kind_name(Kind kind) {
    return boost::describe::enum_to_string(kind, "");
}

Brought skipped(const char* code, const char* why, std::string new_id = {}) {
    return {Outcome::skipped, std::move(new_id), {{code, why}}};
}

core::CategoryId category_id_of(std::string_view text) {
    return core::CategoryId::from_text(text).value();
}

}  // namespace

core::Caller mover() {
    core::Caller caller;
    caller.permissions = {core::Permission::catalog_write};
    return caller;
}

std::string hashed(std::string_view text) {
    constexpr std::size_t bytes = 16;
    unsigned char hash[bytes];
    crypto_generichash(hash, bytes, reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                       0);
    return core::to_hex(hash);
}

// With a folder for pictures there is more to take than without.
std::string Bringer::digest_of(Kind kind, const boost::json::object& wanted) const {
    const bool pictured = kind == Kind::products && options_.pictures.taker;
    return hashed(boost::json::serialize(wanted) + (pictured ? "pictures" : ""));
}

bool Bringer::would_be(Kind kind, std::string_view old_id) const {
    const auto ids = would_be_.find(kind);
    return ids != would_be_.end() && ids->second.contains(old_id);
}

bool Bringer::has_come(store::Tx& tx, Kind kind, const Item& item) const {
    const auto known = queries::find_moved(tx, kind_name(kind), item.old_id);
    return known && known->digest == digest_of(kind, item.document.wanted);
}

core::Result<Brought> Bringer::bring(store::Tx& tx, Kind kind, const Item& item) const {
    const auto known = queries::find_moved(tx, kind_name(kind), item.old_id);
    const bool by_itself = kind != Kind::orders;
    std::string digest = by_itself ? digest_of(kind, item.document.wanted) : std::string();
    if (known && by_itself && known->digest == digest) return Brought{Outcome::unchanged, known->new_id, {}};
    auto brought = kind == Kind::users        ? bring_user(tx, item, known)
                   : kind == Kind::categories ? bring_category(tx, item, known)
                   : kind == Kind::products   ? bring_product(tx, item, known)
                   : kind == Kind::carts      ? bring_cart(tx, item, known)
                                              : bring_order(tx, item, known);
    if (by_itself && brought && !brought->new_id.empty())
        queries::remember(tx, kind_name(kind), {item.old_id, brought->new_id, std::move(digest)});
    return brought;
}

core::Result<Brought> Bringer::bring_user(store::Tx& tx, const Item& item, const Known& known) const {
    auto user = account::user_of_row(item.document.wanted, false);
    if (!user) return core::fail_field("", user.error().code, user.error().message);
    if (known) {
        const auto id = core::UserId::from_text(known->new_id).value();
        if (users::is_erased(tx, id))
            return skipped("gone_here", "The account was erased here", known->new_id);
        const bool changed = users::bring_user_again(tx, id, *user);
        Brought brought{changed ? Outcome::updated : Outcome::unchanged, known->new_id, {}};
        const auto profile = users::get_profile(tx, id);
        if (profile && core::Email::from_text(profile->email) != user->email)
            brought.remarks.push_back({"email_stays", "The e-mail address differs there; here it stays"});
        return brought;
    }
    if (const auto there = users::find_credentials(tx, user->email)) {
        const auto profile = users::get_profile(tx, there->id);
        // Whoever registered somebody else's address must not get their orders.
        const bool theirs = (profile && profile->email_verified) ||
                            queries::find_twin(tx, kind_name(Kind::users), there->id.text(), item.old_id);
        if (!theirs)
            return skipped("account_unproven",
                           "There is an account of that address here, whose owner hasn't proven it: it stays "
                           "by itself, and the orders come in as a guest's");
        return skipped("account_known", "There is an account of that address here, which stays as it is",
                       there->id.str());
    }
    auto created = users::create_user(tx, *user);
    if (!created) return std::unexpected(std::move(created.error()));
    return Brought{Outcome::created, created->id.str(), {}};
}

core::Result<Brought> Bringer::bring_category(store::Tx& tx, const Item& item, const Known& known) const {
    std::vector<std::string> names;
    for (const auto& name : item.document.wanted.at("names").as_array())
        names.emplace_back(name.as_string());
    const auto caller = mover();
    if (!known) {
        const std::size_t events = tx.appended_events().size();
        auto id = catalog::ensure_category(tx, caller, names);
        if (!id) return std::unexpected(std::move(id.error()));
        const bool made = tx.appended_events().size() > events;
        return Brought{made ? Outcome::created : Outcome::unchanged, id->str(), {}};
    }
    catalog::CategoryPatch patch;
    patch.id = category_id_of(known->new_id);
    const auto now = catalog::get_category(tx, caller, {patch.id});
    if (!now) return skipped("gone_here", "The category was deleted here", known->new_id);
    auto name = core::Text<1, 200>::from_text(names.back());
    if (!name) return core::fail_field("/name", name.error().code, name.error().message);
    patch.name = {true, std::move(*name)};
    patch.parent_id = {true, std::nullopt};
    names.pop_back();
    if (!names.empty()) {
        auto parent = catalog::ensure_category(tx, caller, names);
        if (!parent) return std::unexpected(std::move(parent.error()));
        patch.parent_id.value = *parent;
    }
    if (patch.name.value->text() == now->name && patch.parent_id.value == now->parent_id)
        return Brought{Outcome::unchanged, known->new_id, {}};
    auto changed = catalog::change_category(tx, caller, patch);
    if (!changed) return std::unexpected(std::move(changed.error()));
    return Brought{Outcome::updated, known->new_id, {}};
}

namespace {

// One that came with the dump is itself, whatever it is called here by now; others are found or made by name.
core::Result<core::CategoryId> category_of(store::Tx& tx, const CategoryRef& category) {
    if (!category.old_id.empty()) {
        const auto moved = queries::find_moved(tx, kind_name(Kind::categories), category.old_id);
        if (moved) {
            const auto id = category_id_of(moved->new_id);
            if (catalog::find_category_id(tx, id)) return id;
        }
    }
    return catalog::ensure_category(tx, mover(), category.names);
}

// So that orders find the variants that they name by the ids of subdocuments.
void remember_variants(store::Tx& tx, core::ProductId id, const Item& item) {
    if (item.document.variant_ids.empty()) return;
    const auto product = catalog::get_product(tx, mover(), {id});
    if (!product) return;
    for (std::size_t i = 0; i < item.document.variant_ids.size(); ++i) {
        const std::string& old_id = item.document.variant_ids[i];
        const auto variant =
            std::ranges::find(product->variants, item.product->variants[i].sku.str(), &catalog::Variant::sku);
        if (!old_id.empty() && variant != product->variants.end())
            queries::remember(tx, variant_kind, {old_id, variant->id.str(), {}});
    }
}

}  // namespace

core::Result<Brought> Bringer::bring_product(store::Tx& tx, const Item& item, const Known& known) const {
    std::vector<core::CategoryId> categories;
    for (const CategoryRef& category : item.document.categories) {
        auto id = category_of(tx, category);
        if (!id) return std::unexpected(std::move(id.error()));
        if (std::ranges::find(categories, *id) == categories.end()) categories.push_back(*id);
    }
    catalog::Put wanted{&*item.product, std::move(categories)};
    if (known) wanted.known = *core::ProductId::from_text(known->new_id);
    auto put = catalog::put_product(tx, mover(), wanted);
    if (!put && known && put.error().code == core::ErrorCode::not_found)
        return skipped("gone_here", "The product was deleted here", known->new_id);
    if (!put) return std::unexpected(std::move(put.error()));
    const auto twin = queries::find_twin(tx, kind_name(Kind::products), put->id.text(), item.old_id);
    if (!known && twin) {
        return core::fail_field("", "same_product",
                                "The product " + *twin + " of the dump has the same slug or SKU");
    }
    Brought brought{Outcome::unchanged, put->id.str(), {}};
    std::vector<bulk::ImportIssue> notes;
    const bool pictured = bulk::add_pictures(tx, put->id, item.pictures, 0, notes);
    for (bulk::ImportIssue& note : notes)
        brought.remarks.push_back({std::move(note.code), std::move(note.message)});
    if (put->outcome == catalog::PutOutcome::created)
        brought.outcome = Outcome::created;
    else if (put->outcome == catalog::PutOutcome::updated || pictured)
        brought.outcome = Outcome::updated;
    remember_variants(tx, put->id, item);
    return brought;
}

}  // namespace movein
