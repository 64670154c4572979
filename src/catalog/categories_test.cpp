// The category tree: what may stand where, and that every category always shows exactly the products below
// it.
#include "catalog/catalog_fixture.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace catalog {
namespace {

using core::CategoryId;
using core::ErrorCode;
using support::error_code;
using support::must;

class Categories : public CatalogTest {
protected:
    Product put(const std::string& title, std::vector<CategoryId> categories,
                ProductStatus status = ProductStatus::active) {
        NewProduct in = product(title);
        in.category_ids = std::move(categories);
        in.status = status;
        return make(in);
    }
    // The titles that a category's list shows to staff.
    std::set<std::string> titles(CategoryId category) {
        ProductQuery query;
        query.category = category;
        std::set<std::string> titles;
        for (const Product& product : must(look(list_products, query, staff())).data)
            titles.insert(product.title);
        return titles;
    }
    std::int64_t count(CategoryId category) { return must(look(get_category, {category})).product_count; }
    core::Result<Category> move(CategoryId category, std::optional<CategoryId> parent) {
        CategoryPatch patch;
        patch.id = category;
        patch.parent_id = {true, parent};
        return run(change_category, patch);
    }
    using Titles = std::set<std::string>;
};
KONTOR_ON_BOTH_ENGINES(Categories);

TEST_P(Categories, MakeATree) {
    Category kitchen = category("Kitchen");
    Category kettles = category("Kettles", kitchen.id);
    category("Air & Climate");
    EXPECT_EQ(kettles.slug, "kettles");
    ASSERT_EQ(kettles.path.size(), 2U);
    EXPECT_EQ(kettles.path[0].name, "Kitchen");
    EXPECT_EQ(category("Kettles").slug, "kettles-2");
    auto tree = must(look(list_categories, {}));
    ASSERT_EQ(tree.data.size(), 3U);
    EXPECT_EQ(tree.data[0].name, "Air & Climate");
    ASSERT_EQ(tree.data[2].children.size(), 1U);
    EXPECT_EQ(tree.data[2].children[0].id, kettles.id);
    EXPECT_EQ(must(look(get_category, {*CategoryReference::from_text("kitchen")})).children.size(), 1U);
    EXPECT_EQ(error_code(look(get_category, {CategoryId::at({1})})), ErrorCode::not_found);
    NewCategory taken{core::Text<1, 200>::trusted("Pots"), core::Slug::trusted("kitchen"), {}, {}};
    EXPECT_EQ(error_code(run(create_category, taken)), ErrorCode::slug_taken);
    EXPECT_EQ(events("category.created").size(), 4U);
}

TEST_P(Categories, AreChangedMemberByMember) {
    Category kitchen = category("Kitchen");
    category("Pots");
    CategoryPatch patch;
    patch.id = kitchen.id;
    patch.name = {true, core::Text<1, 200>::trusted("Cooking")};
    patch.position = {true, Place(3)};
    Category changed = must(run(change_category, patch));
    EXPECT_EQ(changed.name, "Cooking");
    EXPECT_EQ(changed.slug, "kitchen");
    EXPECT_EQ(must(look(list_categories, {})).data[0].name, "Pots");
    patch.slug = {true, core::Slug::trusted("pots")};
    EXPECT_EQ(error_code(run(change_category, patch)), ErrorCode::slug_taken);
    patch.slug = {true, {}};
    EXPECT_EQ(field_error(run(change_category, patch)), "/slug required");
}

TEST_P(Categories, CannotStandUnderThemselves) {
    Category a = category("A");
    Category b = category("B", a.id);
    Category c = category("C", b.id);
    EXPECT_EQ(error_code(move(a.id, a.id)), ErrorCode::category_cycle);
    EXPECT_EQ(error_code(move(a.id, c.id)), ErrorCode::category_cycle);
    EXPECT_EQ(error_code(run(delete_category, {a.id, c.id})), ErrorCode::category_cycle);
    EXPECT_EQ(field_error(move(a.id, CategoryId::at({1}))), "/parent_id not_found");
    EXPECT_EQ(must(move(c.id, {})).path.size(), 1U);
    EXPECT_EQ(must(move(a.id, c.id)).path.size(), 2U);
}

// Each of two moves is fine by itself; both together would cut the two off from the tree.
TEST_P(Categories, DoNotBecomeACircleByTwoMovesAtOnce) {
    Category a = category("A");
    Category b = category("B");
    for (int round = 0; round < 10; ++round) {
        std::atomic<int> moved = 0;
        {
            std::jthread first([&] { moved += move(a.id, b.id).has_value(); });
            std::jthread second([&] { moved += move(b.id, a.id).has_value(); });
        }
        EXPECT_EQ(moved, 1);
        must(move(a.id, {}));
        must(move(b.id, {}));
    }
}

TEST_P(Categories, AreNotNestedWithoutEnd) {
    std::optional<CategoryId> parent;
    for (std::size_t depth = 0; depth < category_depth_max; ++depth)
        parent = category("Level", parent).id;
    NewCategory deeper{core::Text<1, 200>::trusted("Level"), {}, parent, {}};
    EXPECT_EQ(field_error(run(create_category, deeper)), "/parent_id too_deep");
    Category pair = category("Upper");
    category("Lower", pair.id);
    auto ninth = must(look(get_category, {*parent})).path[category_depth_max - 2].id;
    EXPECT_EQ(field_error(move(pair.id, ninth)), "/parent_id too_deep");
}

TEST_P(Categories, ShowWhatIsBelowThem) {
    Category kitchen = category("Kitchen");
    Category kettles = category("Kettles", kitchen.id);
    Product kettle = put("Kettle", {kettles.id});
    put("Both", {kettles.id, kitchen.id});
    put("Draft", {kettles.id}, ProductStatus::draft);
    EXPECT_EQ(titles(kitchen.id), (Titles{"Kettle", "Both", "Draft"}));
    EXPECT_EQ(count(kitchen.id), 2) << "the public's";
    EXPECT_EQ(count(kettles.id), 2);
    ASSERT_EQ(kettle.categories.size(), 1U);
    EXPECT_EQ(kettle.categories[0].slug, "kettles");
    EXPECT_EQ(kettle.category_ids, std::vector{kettles.id});

    ProductPatch patch;
    patch.id = kettle.id;
    patch.status = {true, ProductStatus::archived};
    must(run(change_product, patch));
    EXPECT_EQ(count(kitchen.id), 1);
    patch.status = {true, ProductStatus::active};
    patch.category_ids = {true, std::vector{kitchen.id}};
    must(run(change_product, patch));
    EXPECT_EQ(count(kitchen.id), 2);
    EXPECT_EQ(count(kettles.id), 1);
    must(run(delete_product, {kettle.id}));
    EXPECT_EQ(count(kitchen.id), 1);
    EXPECT_EQ(titles(kitchen.id), (Titles{"Both", "Draft"}));
}

TEST_P(Categories, TakeTheirProductsAlongWhenTheyMove) {
    Category home = category("Home");
    Category kitchen = category("Kitchen", home.id);
    Category kettles = category("Kettles", kitchen.id);
    Category sale = category("Sale");
    put("Kettle", {kettles.id});
    put("Elsewhere too", {kettles.id, home.id});
    put("Twice", {kettles.id, kitchen.id});
    must(move(kettles.id, sale.id));
    EXPECT_EQ(titles(sale.id), (Titles{"Kettle", "Elsewhere too", "Twice"}));
    EXPECT_EQ(titles(kitchen.id), Titles{"Twice"});
    EXPECT_EQ(titles(home.id), (Titles{"Elsewhere too", "Twice"}));
    EXPECT_EQ(count(sale.id), 3);
    EXPECT_EQ(count(kitchen.id), 1);
    EXPECT_EQ(count(home.id), 2);
    must(move(kettles.id, kitchen.id));
    EXPECT_EQ(count(sale.id), 0);
    EXPECT_EQ(titles(home.id).size(), 3U);
}

TEST_P(Categories, WithContentAreDeletedOnlyIfItGoesSomewhere) {
    Category home = category("Home");
    Category kitchen = category("Kitchen", home.id);
    Category kettles = category("Kettles", kitchen.id);
    Category sale = category("Sale");
    put("Kettle", {kettles.id});
    put("Pan", {kitchen.id});
    EXPECT_EQ(error_code(run(delete_category, {kitchen.id, {}})), ErrorCode::category_not_empty);
    EXPECT_EQ(error_code(run(delete_category, {kettles.id, {}})), ErrorCode::category_not_empty);
    EXPECT_EQ(error_code(run(delete_category, {kitchen.id, CategoryId::at({1})})),
              ErrorCode::invalid_parameter);
    must(run(delete_category, {kitchen.id, sale.id}));
    EXPECT_EQ(titles(sale.id), (Titles{"Kettle", "Pan"}));
    EXPECT_EQ(titles(home.id), Titles{});
    EXPECT_EQ(count(sale.id), 2);
    EXPECT_EQ(must(look(get_category, {kettles.id})).path.front().id, sale.id);

    must(run(delete_category, {kettles.id, sale.id}));
    EXPECT_EQ(titles(sale.id), (Titles{"Kettle", "Pan"})) << "up into the parent";
    must(run(delete_category, {home.id, {}}));
    EXPECT_EQ(must(look(list_categories, {})).data.size(), 1U);
    EXPECT_EQ(error_code(run(delete_category, {home.id, {}})), ErrorCode::not_found);
    EXPECT_EQ(events("category.deleted").size(), 3U);
}

TEST_P(Categories, AreFoundUnderTheirFormerSlugs) {
    Category kettles = category("Kettles");
    Category sale = category("Sale");
    auto rename = [&](core::CategoryId id, const char* slug) {
        CategoryPatch patch{id};
        patch.slug = {true, core::Slug::trusted(slug)};
        return must(run(change_category, patch));
    };
    auto at = [&](const char* slug) { return look(get_category, {*CategoryReference::from_text(slug)}); };
    auto leads_to = [&](const char* slug) -> std::string {
        auto found = at(slug);
        if (found || found.error().code != ErrorCode::moved_permanently) return "";
        return std::string(found.error().extra.at("location").as_string());
    };
    rename(kettles.id, "water-kettles");
    rename(kettles.id, "boilers");
    EXPECT_EQ(leads_to("kettles"), "/v1/categories/boilers");
    EXPECT_EQ(leads_to("water-kettles"), "/v1/categories/boilers");
    EXPECT_EQ(must(read([&](store::Tx& tx) {
                  return find_category_id(tx, *CategoryReference::from_text("kettles"));
              })),
              kettles.id)
        << "as a filter too";

    EXPECT_EQ(must(run(create_category, {core::Text<1, 200>::trusted("Kettles"), {}, {}, {}})).slug,
              "kettles");
    EXPECT_EQ(must(at("kettles")).name, "Kettles") << "a new category takes the slug over";
    rename(kettles.id, "water-kettles");
    EXPECT_EQ(must(at("water-kettles")).id, kettles.id) << "back again";
    EXPECT_EQ(leads_to("boilers"), "/v1/categories/water-kettles");

    must(run(delete_category, {kettles.id, sale.id}));
    EXPECT_EQ(leads_to("water-kettles"), "/v1/categories/sale") << "where its goods went";
    EXPECT_EQ(leads_to("boilers"), "/v1/categories/sale");
    must(run(delete_category, {sale.id, {}}));
    EXPECT_EQ(error_code(at("boilers")), ErrorCode::not_found);
}

TEST_P(Categories, AreMadeAlongAPath) {
    auto ensure = [&](std::vector<std::string> path) {
        return must(write([&](store::Tx& tx) { return ensure_category(tx, staff(), path); }));
    };
    CategoryId kettles = ensure({"Kitchen", "Kettles"});
    EXPECT_EQ(ensure({"Kitchen", "Kettles"}), kettles);
    EXPECT_NE(ensure({"Kitchen", "Pans"}), kettles);
    auto tree = must(look(list_categories, {}));
    ASSERT_EQ(tree.data.size(), 1U);
    EXPECT_EQ(tree.data[0].children.size(), 2U);
}

}  // namespace
}  // namespace catalog
