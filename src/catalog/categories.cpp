// The rules of the category tree. Changes of it happen one after the other (take_catalog_lock), so what is
// read here stays true until the commit.
#include "catalog/catalog.hpp"
#include "catalog/category_tree.hpp"
#include "catalog/product_queries.hpp"

namespace catalog {
namespace {

using queries::CategoryRow;

constexpr int suggested_slugs_max = 50;

core::Result<void> check_parent(const CategoryTree& tree, std::optional<core::CategoryId> parent,
                                std::size_t height) {
    if (!parent) return {};
    if (!tree.find(*parent)) return core::fail_field("/parent_id", "not_found", "is not a category");
    if (tree.path(*parent).size() + height > category_depth_max) {
        return core::fail_field(
            "/parent_id", "too_deep",
            "would make a path of more than " + std::to_string(category_depth_max) + " categories");
    }
    return {};
}

std::unexpected<core::Error> refuse_cycle() {
    return core::fail(core::ErrorCode::category_cycle, "A category can't stand under itself.");
}

std::unexpected<core::Error> refuse_target() {
    core::Error error{core::ErrorCode::invalid_parameter, "move_to doesn't name a category.", {}, {}};
    error.fields.push_back({"move_to", "not_found", "is not a category"});
    return std::unexpected(std::move(error));
}

// Inserts under the given slug, or else under the first free one that the name suggests.
core::Result<void> insert(store::Tx& tx, CategoryRow& row, const std::optional<core::Slug>& slug) {
    if (slug) {
        row.slug = slug->text();
        if (queries::insert_category(tx, row)) return {};
        return core::fail(core::ErrorCode::slug_taken, "Another category has this slug.");
    }
    std::string suggested = core::Slug::suggest(row.name).substr(0, 100);
    if (suggested.empty()) suggested = "category";
    for (int i = 1; i <= suggested_slugs_max; ++i) {
        row.slug = i == 1 ? suggested : core::Slug::suggest(suggested + "-" + std::to_string(i));
        if (queries::insert_category(tx, row)) return {};
    }
    return core::fail(core::ErrorCode::slug_taken, "Too many categories have this name. Give it a slug.");
}

// Ancestors of `id` that it doesn't share with `others`.
std::vector<core::CategoryId> ancestors_without(const CategoryTree& tree, core::CategoryId id,
                                                const std::vector<core::CategoryId>& others) {
    std::vector<core::CategoryId> ancestors;
    for (const CategoryRow* row : tree.path(id)) {
        if (row->id != id && std::ranges::find(others, row->id) == others.end()) ancestors.push_back(row->id);
    }
    return ancestors;
}

std::vector<core::CategoryId> ancestors(const CategoryTree& tree, core::CategoryId id) {
    return ancestors_without(tree, id, {});
}

// The products of `id` leave its former ancestors and enter those it has now.
void follow_move(store::Tx& tx, const CategoryTree& before, const CategoryTree& after, core::CategoryId id) {
    for (core::CategoryId left : ancestors_without(before, id, ancestors(after, id))) {
        std::vector<std::string> still_there;
        for (core::CategoryId category : after.subtree(left))
            still_there.push_back(category.str());
        queries::hide_products_from(tx, id, left, still_there);
        queries::recount_products(tx, left);
    }
    for (core::CategoryId entered : ancestors_without(after, id, ancestors(before, id))) {
        queries::show_products_in(tx, id, entered);
        queries::recount_products(tx, entered);
    }
}

// The category that had this slug before.
const CategoryRow* find_moved(store::Tx& tx, const CategoryTree& tree, const CategoryReference& reference) {
    if (reference.is_id()) return nullptr;
    const auto id = queries::find_by_former_slug(tx, reference.text());
    return id ? tree.find(*id) : nullptr;
}

core::Result<void> apply(CategoryRow& row, const CategoryPatch& patch) {
    for (auto [name, cleared] : {std::pair("/name", patch.name.given && !patch.name.value),
                                 std::pair("/slug", patch.slug.given && !patch.slug.value),
                                 std::pair("/position", patch.position.given && !patch.position.value)}) {
        if (cleared) return core::fail_field(name, "required", "can't be null");
    }
    if (patch.name.given) row.name = patch.name.value->text();
    if (patch.slug.given) row.slug = patch.slug.value->text();
    if (patch.position.given) row.position = *patch.position.value;
    if (patch.parent_id.given) row.parent_id = patch.parent_id.value;
    return {};
}

// Everything in `from` goes to `to`: what was put there itself, and its children with what is in them.
core::Result<void> empty_into(store::Tx& tx, const CategoryTree& tree, core::CategoryId from,
                              core::CategoryId to) {
    CategoryTree after = tree;
    for (core::CategoryId child : std::vector(tree.children(from))) {
        auto fits = check_parent(tree, to, tree.height(child));
        if (!fits) return fits;
        CategoryTree moved = after;
        moved.move(child, to);
        CategoryRow row = *moved.find(child);
        queries::update_category(tx, row);
        follow_move(tx, after, moved, child);
        after = std::move(moved);
    }
    // The products themselves: a move of a category that holds only them.
    queries::put_products_into(tx, from, to);
    queries::recount_products(tx, to);
    for (core::CategoryId entered : ancestors_without(after, to, ancestors(after, from))) {
        queries::show_products_in(tx, from, entered);
        queries::recount_products(tx, entered);
    }
    for (core::CategoryId left : ancestors_without(after, from, ancestors(after, to))) {
        if (left == to) continue;
        std::vector<std::string> still_there;
        for (core::CategoryId category : after.subtree(left)) {
            if (category != from) still_there.push_back(category.str());
        }
        queries::hide_products_from(tx, from, left, still_there);
        queries::recount_products(tx, left);
    }
    return {};
}

}  // namespace

core::Result<core::List<Category>> list_categories(store::Tx& tx, const core::Caller&,
                                                   const CategoriesQuery&) {
    return core::List<Category>{CategoryTree(queries::list_categories(tx)).roots(), false, {}};
}

core::Result<Category> get_category(store::Tx& tx, const core::Caller&, const CategoryAddress& address) {
    const CategoryTree tree(queries::list_categories(tx));
    if (const CategoryRow* row = tree.find(address.id)) return tree.view(*row);
    if (const CategoryRow* row = find_moved(tx, tree, address.id)) {
        return core::fail(core::ErrorCode::moved_permanently, "This category has another slug now.",
                          {{"location", "/v1/categories/" + row->slug}});
    }
    return core::not_found("category");
}

core::Result<Category> create_category(store::Tx& tx, const core::Caller& caller,
                                       const NewCategory& category) {
    queries::take_catalog_lock(tx);
    const CategoryTree tree(queries::list_categories(tx));
    if (auto fits = check_parent(tree, category.parent_id, 1); !fits)
        return std::unexpected(std::move(fits.error()));
    CategoryRow row;
    row.id = core::CategoryId::at(tx.now());
    row.parent_id = category.parent_id;
    row.name = category.name.text();
    row.position = category.position.value_or(Place(0));
    if (auto inserted = insert(tx, row, category.slug); !inserted)
        return std::unexpected(std::move(inserted.error()));
    queries::forget_former_slug(tx, row.slug);
    tx.append_event("category.created", row.id.str());
    return get_category(tx, caller, {row.id});
}

core::Result<Category> change_category(store::Tx& tx, const core::Caller& caller,
                                       const CategoryPatch& patch) {
    queries::take_catalog_lock(tx);
    const CategoryTree before(queries::list_categories(tx));
    const CategoryRow* found = before.find(patch.id);
    if (!found) return core::not_found("category");
    CategoryRow row = *found;
    if (auto applied = apply(row, patch); !applied) return std::unexpected(std::move(applied.error()));
    if (queries::is_slug_of_another(tx, row)) {
        return core::fail(core::ErrorCode::slug_taken, "Another category has this slug.");
    }
    if (row.parent_id && before.is_within(*row.parent_id, row.id)) return refuse_cycle();
    const bool moves = row.parent_id != found->parent_id;
    if (moves) {
        auto fits = check_parent(before, row.parent_id, before.height(row.id));
        if (!fits) return std::unexpected(std::move(fits.error()));
    }
    queries::update_category(tx, row);
    if (row.slug != found->slug) {
        queries::forget_former_slug(tx, row.slug);
        queries::keep_former_slug(tx, found->slug, row.id);
    }
    if (moves) {
        CategoryTree after = before;
        after.move(row.id, row.parent_id);
        follow_move(tx, before, after, row.id);
    }
    tx.append_event("category.updated", row.id.str());
    return get_category(tx, caller, {row.id});
}

core::Result<void> delete_category(store::Tx& tx, const core::Caller&, const CategoryRemoval& removal) {
    queries::take_catalog_lock(tx);
    const CategoryTree tree(queries::list_categories(tx));
    const CategoryRow* row = tree.find(removal.id);
    if (!row) return core::not_found("category");
    if (removal.move_to) {
        const CategoryRow* target = tree.find(*removal.move_to);
        if (!target) return refuse_target();
        if (tree.is_within(target->id, row->id)) return refuse_cycle();
        auto emptied = empty_into(tx, tree, row->id, target->id);
        if (!emptied) return emptied;
        queries::give_former_slugs(tx, row->id, target->id);
        queries::keep_former_slug(tx, row->slug, target->id);
        tx.append_event("category.updated", target->id.str());
    } else if (!tree.children(row->id).empty() || queries::has_products(tx, row->id)) {
        return core::fail(core::ErrorCode::category_not_empty,
                          "This category has products or categories in it. Say where they go with move_to.");
    }
    queries::delete_category(tx, row->id);
    tx.append_event("category.deleted", row->id.str());
    return {};
}

std::optional<core::CategoryId> find_category_id(store::Tx& tx, const CategoryReference& reference) {
    constexpr store::Sql by_id = "select id from categories where id = $1";
    constexpr store::Sql by_slug = "select id from categories where slug = $1";
    auto found = tx.find<core::CategoryId>(reference.is_id() ? by_id : by_slug, reference);
    return found || reference.is_id() ? found : queries::find_by_former_slug(tx, reference.text());
}

core::Result<core::CategoryId> ensure_category(store::Tx& tx, const core::Caller& caller,
                                               const std::vector<std::string>& path) {
    queries::take_catalog_lock(tx);
    const CategoryTree tree(queries::list_categories(tx));
    std::optional<core::CategoryId> parent;
    for (const std::string& name : path) {
        const auto& siblings = tree.children(parent);
        auto found =
            std::ranges::find_if(siblings, [&](core::CategoryId id) { return tree.find(id)->name == name; });
        if (found != siblings.end()) {
            parent = *found;
            continue;
        }
        auto checked = core::Text<1, 200>::from_text(name);
        if (!checked) return core::fail_field("categories", checked.error().code, checked.error().message);
        auto made = create_category(tx, caller, {*checked, {}, parent, {}});
        if (!made) return std::unexpected(std::move(made.error()));
        parent = made->id;
    }
    if (!parent) return core::fail_field("categories", "too_short", "must name at least one category");
    return *parent;
}

}  // namespace catalog
