// Products and variants: what they must be, what the public sees of them, and what becomes of ordered ones.
#include "catalog/catalog_fixture.hpp"

#include <gtest/gtest.h>

namespace catalog {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

class Products : public CatalogTest {};
KONTOR_ON_BOTH_ENGINES(Products);

TEST_P(Products, AreShownWithVariantsStockAndPriceRange) {
    NewProduct shirt_in = shirt();
    shirt_in.description = Description::trusted("Cotton.");
    shirt_in.brand = Brand::trusted("Fjord");
    shirt_in.attributes.emplace("Fabric", AttributeValue::trusted("Cotton"));
    Product made = make(shirt_in);
    Product read = must(look(get_product, {made.id}));
    EXPECT_EQ(core::to_json(read), core::to_json(made));
    EXPECT_EQ(core::to_json(must(look(get_product, {*ProductReference::from_text("shirt")}))),
              core::to_json(made));
    EXPECT_EQ(read.price_range.min, euros(1500));
    EXPECT_EQ(read.price_range.max, euros(1700));
    EXPECT_EQ(read.brand, "Fjord");
    EXPECT_EQ(read.attributes.at("Fabric"), "Cotton");
    ASSERT_EQ(read.variants.size(), 3U);
    EXPECT_EQ(read.variants[0].title, "Red / S");
    EXPECT_EQ(read.variants[2].options.at("Color"), "Blue");
    EXPECT_EQ(read.variants[2].stock.on_hand, 2);
    EXPECT_EQ(read.variants[2].stock.available, 2);
    EXPECT_EQ(events("product.created"), std::vector{made.id.str()});
}

TEST_P(Products, ThatAreNotForSaleAreStaffsOnly) {
    NewProduct draft = product("Secret");
    draft.status = ProductStatus::draft;
    Product made = make(draft);
    EXPECT_EQ(error_code(look(get_product, {made.id}, guest())), ErrorCode::not_found);
    EXPECT_EQ(must(look(get_product, {made.id}, staff())).status, ProductStatus::draft);
    NewProduct unsaid = product("Unsaid");
    unsaid.status.reset();
    EXPECT_EQ(make(unsaid).status, ProductStatus::draft);
}

TEST_P(Products, TakeTheirSlugFromTheTitle) {
    EXPECT_EQ(make(product("Espresso Machine")).slug, "espresso-machine");
    NewProduct second = product("Espresso machine!");
    std::string slug = make(second).slug;
    EXPECT_TRUE(slug.starts_with("espresso-machine-")) << slug;
    EXPECT_TRUE(core::Slug::from_text(slug)) << slug;
    EXPECT_TRUE(make(product("กาแฟ")).slug.starts_with("product-"));
    NewProduct taken = product("Other");
    taken.slug = core::Slug::trusted("espresso-machine");
    EXPECT_EQ(error_code(run(create_product, taken)), ErrorCode::slug_taken);
}

TEST_P(Products, HaveSkusThatAreUniqueOverTheShop) {
    Product first = make(product("Cup"));
    NewProduct second = product("Mug");
    second.variants[0].sku = Sku::trusted("Cup");
    EXPECT_EQ(error_code(run(create_product, second)), ErrorCode::sku_taken);
    second.variants = {variant("mug", 1, 1, {{"Size", "S"}}), variant("mug", 1, 1, {{"Size", "L"}})};
    second.options = {option("Size", {"S", "L"})};
    EXPECT_EQ(error_code(run(create_product, second)), ErrorCode::sku_taken);
    Product mug = make(product("Mug"));
    VariantPatch patch{mug.id, mug.variants[0].id};
    patch.sku = {true, Sku::trusted("Cup")};
    EXPECT_EQ(error_code(run(change_variant, patch)), ErrorCode::sku_taken);
}

TEST_P(Products, RefuseVariantsThatDoNotFitTheirOptions) {
    auto refused = [&](auto change) {
        NewProduct wrong = shirt();
        change(wrong);
        return field_error(run(create_product, wrong));
    };
    EXPECT_EQ(refused([](NewProduct& p) { p.variants.clear(); }), "/variants required");
    EXPECT_EQ(refused([](NewProduct& p) { p.variants[1].options.erase("Size"); }),
              "/variants/1/options required");
    EXPECT_EQ(refused([](NewProduct& p) { p.variants[1].options["Size"] = OptionValue::trusted("XXL"); }),
              "/variants/1/options invalid_value");
    EXPECT_EQ(refused([](NewProduct& p) { p.variants[2].options["Fit"] = OptionValue::trusted("Slim"); }),
              "/variants/2/options invalid_value");
    EXPECT_EQ(refused([](NewProduct& p) { p.variants[1].options = p.variants[0].options; }),
              "/variants/1/options duplicate");
    EXPECT_EQ(refused([](NewProduct& p) { p.options.push_back(option("Color", {"Green"})); }),
              "/options/2/name duplicate");
    EXPECT_EQ(refused([](NewProduct& p) { p.options[0].values.clear(); }), "/options/0/values too_short");
    EXPECT_EQ(refused([](NewProduct& p) { p.options[0].values.push_back(p.options[0].values[0]); }),
              "/options/0/values duplicate");
    EXPECT_EQ(refused([](NewProduct& p) {
                  for (const char* name : {"A", "B"})
                      p.options.push_back(option(name, {"x"}));
              }),
              "/options too_long");
    EXPECT_EQ(refused([](NewProduct& p) { p.variants[2].price.currency = core::Currency::trusted("USD"); }),
              "/variants/2/price/currency currency_mismatch");
    EXPECT_EQ(refused([](NewProduct& p) { p.variants.resize(101, p.variants[0]); }), "/variants too_long");
    EXPECT_EQ(refused([](NewProduct& p) { p.category_ids = {core::CategoryId::at({5})}; }),
              "/category_ids not_found");
    EXPECT_EQ(refused([](NewProduct& p) {
                  for (int i = 0; i < 51; ++i)
                      p.attributes["a" + std::to_string(i)] = AttributeValue::trusted("x");
              }),
              "/attributes too_long");
    EXPECT_EQ(refused([](NewProduct& p) { p.attributes[""] = AttributeValue::trusted("x"); }),
              "/attributes too_short");
    EXPECT_TRUE(events("product.created").empty());
}

TEST_P(Products, ChangeOnlyWhatAPatchNames) {
    NewProduct bottle = product("Bottle", 900);
    bottle.brand = Brand::trusted("Alp");
    Product before = make(bottle);
    clock.advance(std::chrono::seconds(2));
    ProductPatch patch;
    patch.id = before.id;
    patch.title = {true, Title::trusted("Flask")};
    patch.brand = {true, {}};
    Product after = must(run(change_product, patch));
    EXPECT_EQ(after.title, "Flask");
    EXPECT_EQ(after.brand, std::nullopt);
    EXPECT_EQ(after.slug, "bottle");
    EXPECT_EQ(after.variants[0].title, "Flask");
    EXPECT_GT(after.updated_at, before.updated_at);
    EXPECT_EQ(core::to_json(shown(before.id)), core::to_json(after));
    EXPECT_EQ(events("product.updated"), std::vector{before.id.str()});
    patch.title = {true, {}};
    EXPECT_EQ(field_error(run(change_product, patch)), "/title required");
    patch.id = core::ProductId::at({1});
    EXPECT_EQ(error_code(run(change_product, patch)), ErrorCode::not_found);
}

TEST_P(Products, CanGainAnOptionIfEveryVariantGetsAValue) {
    Product lamp = make(product("Lamp"));
    ProductPatch patch;
    patch.id = lamp.id;
    patch.options = {true, std::vector{option("Color", {"Black", "White"})}};
    EXPECT_EQ(field_error(run(change_product, patch)), "/options required");
    patch.variants = {{lamp.variants[0].id, {{"Color", OptionValue::trusted("Black")}}}};
    EXPECT_EQ(must(run(change_product, patch)).variants[0].options.at("Color"), "Black");
    patch.variants[0].id = core::VariantId::at({1});
    EXPECT_EQ(field_error(run(change_product, patch)), "/variants/0/id not_found");
}

TEST_P(Products, FollowTheirVariantsInPriceAndPosition) {
    Product lamp = make(shirt());
    AddedVariant added{variant("shirt-blue-l", 900, 1, {{"Color", "Blue"}, {"Size", "L"}}), lamp.id};
    Variant fourth = must(run(add_variant, added));
    EXPECT_EQ(fourth.position, 3);
    EXPECT_EQ(shown(lamp.id).price_range.min, euros(900));
    EXPECT_EQ(field_error(run(add_variant, added)), "/options duplicate");

    VariantPatch patch{lamp.id, fourth.id};
    patch.price = {true, euros(5000)};
    patch.compare_at_price = {true, euros(6000)};
    patch.position = {true, Place(0)};
    EXPECT_EQ(must(run(change_variant, patch)).compare_at_price, euros(6000));
    Product after = shown(lamp.id);
    EXPECT_EQ(after.price_range.min, euros(1500));
    EXPECT_EQ(after.price_range.max, euros(5000));
    patch.price = {true, core::Price{1, core::Currency::trusted("USD")}};
    EXPECT_EQ(field_error(run(change_variant, patch)), "/price/currency currency_mismatch");
    patch.price = {true, {}};
    EXPECT_EQ(field_error(run(change_variant, patch)), "/price required");

    must(run(delete_variant, {lamp.id, fourth.id}));
    EXPECT_EQ(shown(lamp.id).price_range.max, euros(1700));
    EXPECT_EQ(error_code(run(delete_variant, {lamp.id, fourth.id})), ErrorCode::not_found);
}

TEST_P(Products, KeepAtLeastOneVariant) {
    Product cup = make(product("Cup"));
    EXPECT_EQ(error_code(run(delete_variant, {cup.id, cup.variants[0].id})), ErrorCode::conflict);
}

TEST_P(Products, AreDeletedUntilSomebodyOrdersThem) {
    Product never = make(product("Never"));
    Product once = make(shirt());
    must(reserve(once, 1));
    must(run(delete_product, {never.id}));
    EXPECT_EQ(error_code(look(get_product, {never.id}, staff())), ErrorCode::not_found);
    EXPECT_EQ(events("product.deleted"), std::vector{never.id.str()});
    EXPECT_EQ(error_code(run(delete_variant, {once.id, once.variants[0].id})), ErrorCode::product_ordered);
    must(run(delete_variant, {once.id, once.variants[1].id}));

    must(run(delete_product, {once.id}));
    EXPECT_EQ(shown(once.id).status, ProductStatus::archived);
    EXPECT_EQ(error_code(look(get_product, {once.id}, guest())), ErrorCode::not_found);
    EXPECT_EQ(error_code(run(delete_product, {never.id})), ErrorCode::not_found);
    EXPECT_EQ(make(product("Never")).slug, "never") << "a deleted product gives its slug and SKU back";
}

TEST_P(Products, ShowTheirPicturesInTheOrderOfAdding) {
    Product kettle = make(product("Kettle"));
    must(write([&](store::Tx& tx) {
        media::add_image(tx, {kettle.id, "aa.webp", "front", 640, 480});
        media::add_image(tx, {kettle.id, "bb.webp", "back", 480, 640});
    }));
    auto images = shown(kettle.id).images;
    ASSERT_EQ(images.size(), 2U);
    EXPECT_EQ(images[0].alt, "front");
    EXPECT_EQ(images[0].width, 640);
    EXPECT_EQ(images[0].urls.thumb, "/media/aa.webp");
    EXPECT_EQ(images[1].position, 1);
    auto first_url = [&] {
        return must(read([&](store::Tx& tx) { return media::find_first_url(tx, kettle.id); }));
    };
    EXPECT_EQ(first_url(), "/media/aa.webp");
    EXPECT_EQ(events("media.added"), (std::vector{kettle.id.str(), kettle.id.str()}));
    EXPECT_THROW((void)write([&](store::Tx& tx) { media::add_image(tx, {kettle.id, "../x", "", 1, 1}); }),
                 std::logic_error);
    must(run(delete_product, {kettle.id}));
    EXPECT_EQ(first_url(), std::nullopt);
}

TEST_P(Products, AreSellableWhileActive) {
    Product made = make(shirt());
    auto found = must(read([&](store::Tx& tx) {
        std::vector<std::string> ids{made.variants[2].id.str(), core::VariantId::at({1}).str(),
                                     made.variants[0].id.str()};
        return ask_sellables(tx, ids).list();
    }));
    ASSERT_EQ(found.size(), 2U);
    std::ranges::sort(found, {}, &Sellable::sku);
    EXPECT_EQ(found[0].sku, "shirt-blue-s");
    EXPECT_EQ(found[0].options.at("Size"), "S");
    EXPECT_EQ(found[0].title, "Shirt");
    EXPECT_EQ(found[0].available, 2);
    EXPECT_TRUE(found[0].active);
    EXPECT_EQ(found[1].price, euros(1500));
    ProductPatch archive;
    archive.id = made.id;
    archive.status = {true, ProductStatus::archived};
    must(run(change_product, archive));
    auto gone = must(read([&](store::Tx& tx) { return find_sellable(tx, made.variants[0].id); }));
    ASSERT_TRUE(gone);
    EXPECT_FALSE(gone->active);
}

}  // namespace
}  // namespace catalog
