// Files of products into a shop and out of it: ours and those of other shops, good rows and bad ones.
#include "bulk/bulk_fixture.hpp"
#include "bulk/draft.hpp"
#include "bulk/html_text.hpp"

#include <gtest/gtest.h>

namespace bulk {
namespace {

using support::must;

class Imports : public ImportTest {
protected:
    static ImportOptions in_euros() {
        ImportOptions options;
        options.currency = core::Currency::trusted("EUR");
        return options;
    }
    std::string exported(Format format) {
        ProductExport products(db(), format);
        std::string text;
        for (std::string part = products.next(); !part.empty(); part = products.next())
            text += part;
        return text;
    }
};
KONTOR_ON_BOTH_ENGINES(Imports);

constexpr const char* shirts =
    "slug,title,description,status,brand,categories,option1_name,option1_value,sku,price,currency,compare_at_"
    "price,"
    "weight_grams,on_hand,attributes.Fabric\n"
    "shirt,Shirt,\"Soft, \"\"really\"\"\",active,Fjord,Clothes > "
    "Shirts|Sale,Size,S,shirt-s,15.00,EUR,20,200,3,Cotton\n"
    "shirt,,,,,,,L,shirt-l,17,EUR,,,0,\n"
    "mug,Mug,,draft,,,,,mug,\"1,299.5\",EUR,,,,\n";

TEST_P(Imports, MakeProductsOfRows) {
    auto report = import(shirts);
    EXPECT_EQ(sums(report), "2 0 0 0") << told(report.errors);
    EXPECT_EQ(report.format, "Kontor CSV");
    auto shirt = product("shirt");
    EXPECT_EQ(shirt.description, "Soft, \"really\"");
    EXPECT_EQ(shirt.brand, "Fjord");
    EXPECT_EQ(shirt.status, catalog::ProductStatus::active);
    EXPECT_EQ(shirt.attributes.at("Fabric"), "Cotton");
    ASSERT_EQ(shirt.categories.size(), 2U);
    EXPECT_EQ(shirt.categories[1].name, "Shirts");
    ASSERT_EQ(shirt.variants.size(), 2U);
    EXPECT_EQ(shirt.variants[0].options.at("Size"), "S");
    EXPECT_EQ(shirt.variants[0].compare_at_price->amount, 2000);
    EXPECT_EQ(shirt.variants[0].weight_grams, 200);
    EXPECT_EQ(shirt.variants[0].stock.on_hand, 3);
    EXPECT_EQ(shirt.variants[1].price.amount, 1700);
    EXPECT_EQ(product("mug").variants[0].price.amount, 129950);
    EXPECT_EQ(product("mug").status, catalog::ProductStatus::draft);
}

TEST_P(Imports, ChangeNothingTheSecondTime) {
    import(shirts);
    const auto before = must(read([&](store::Tx& tx) { return db().last_event(tx); }));
    EXPECT_EQ(sums(import(shirts)), "0 0 2 0");
    const auto after = must(read([&](store::Tx& tx) { return db().last_event(tx); }));
    EXPECT_EQ(before.id, after.id) << "nobody is told of anything";
}

TEST_P(Imports, ChangeWhatTheFileNamesAndNothingElse) {
    import(shirts);
    auto report = import("sku,price,on_hand,currency\nshirt-l,18,5,EUR\nmug,1299.50,,EUR\nnew,1,1,EUR\n");
    EXPECT_EQ(sums(report), "0 1 1 1");
    EXPECT_EQ(told(report.errors), "4 required") << "a new product needs a title";
    auto shirt = product("shirt");
    EXPECT_EQ(shirt.variants[1].price.amount, 1800);
    EXPECT_EQ(shirt.variants[1].stock.on_hand, 5);
    EXPECT_EQ(shirt.variants[0].price.amount, 1500);
    EXPECT_EQ(shirt.title, "Shirt");
    EXPECT_EQ(shirt.price_range.max.amount, 1800);

    report = import(
        "slug,title,sku,option1_name,option1_value,price,currency,brand\n"
        "shirt,Better shirt,shirt-xl,Size,XL,19,EUR,\n");
    EXPECT_EQ(sums(report), "0 1 0 0") << told(report.errors);
    shirt = product("shirt");
    EXPECT_EQ(shirt.title, "Better shirt");
    EXPECT_EQ(shirt.brand, std::nullopt) << "an empty cell clears";
    EXPECT_EQ(shirt.attributes.at("Fabric"), "Cotton") << "no column, no change";
    ASSERT_EQ(shirt.variants.size(), 3U);
    EXPECT_EQ(shirt.options[0].values, (std::vector<std::string>{"S", "L", "XL"}));
}

TEST_P(Imports, TellOfBadRowsByLineAndTakeTheOthers) {
    auto report = import(
        "slug,title,sku,price,currency,status,option1_name,option1_value\n"
        "good,Good,good,1,EUR,active,,\n"
        "Bad Slug,A,a,1,EUR,active,,\n"
        "b,B,b,a lot,EUR,active,,\n"
        "c,C,,1,EUR,active,,\n"
        "d,D,d,1.999,EUR,active,,\n"
        "e,E,e,1,EUR,sold,,\n"
        "f,F,f-1,1,EUR,active,Size,S\n"
        "f,,f-2,1,USD,,Size,L\n"
        "taken,Taken,good-2,1,EUR,active,,\n"
        "g,G,g,1,EUR,active,,,too,many\n"
        "last,Last,last,1,EUR,active,,\n");
    EXPECT_EQ(sums(report), "3 0 0 7") << told(report.errors);
    EXPECT_EQ(
        told(report.errors),
        "3 invalid_format, 4 invalid_format, 5 required, 6 invalid_format, 7 invalid_value, 11 wrong_cells, "
        "9 currency_mismatch");
    EXPECT_EQ(count(), 3);
}

TEST_P(Imports, KeepNothingOfADryRun) {
    ImportOptions dry;
    dry.dry_run = true;
    EXPECT_EQ(sums(import(shirts, dry)), "2 0 0 0");
    EXPECT_EQ(count(), 0);
    auto tree = must(read([&](store::Tx& tx) { return catalog::list_categories(tx, staff(), {}); }));
    EXPECT_TRUE(tree.data.empty());
}

TEST_P(Imports, RefuseFilesOfSomethingElse) {
    EXPECT_THROW(import(""), UnreadableFile);
    EXPECT_THROW(import("email,name\na@b.c,Ann\n"), UnreadableFile);
    EXPECT_THROW(import("slug,title,sku,prize\n"), UnreadableFile) << "a typo in a column's name";
    EXPECT_THROW(import("sku,sku\n"), UnreadableFile);
    EXPECT_THROW(import("slug,title,sku\na,\"A,a\n" + std::string(2 << 20, 'x')), UnreadableFile);
}

TEST_P(Imports, TakeShopifysExport) {
    const std::string text =
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant "
        "Grams,"
        "Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image "
        "Src,Gift Card\r\n"
        "pot,Clay pot,<p>Blown &amp; fired</p><script>alert(1)</script>,Clay Co,Outdoor,\"Pot, "
        "Plants\",true,Size,"
        "Regular,,0,shopify,1,9.99,,https://x.example/1.jpg,false\r\n"
        "pot,,,,,,,,Large,POT-L,900,,-2,15.99,20,https://x.example/2.jpg,\r\n"
        "pot,,,,,,,,,,,,,,,https://x.example/3.jpg,\r\n"
        "light,Light,Plain text,Clay Co,,,false,Title,Default Title,,0,,2,59.99,,,false\r\n";
    EXPECT_EQ(told(import(text).errors),
              "2 currency_missing, 3 currency_missing, 3 currency_missing, 5 currency_missing");
    auto report = import(text, in_euros());
    EXPECT_EQ(sums(report), "2 0 0 0") << told(report.errors);
    EXPECT_EQ(report.format, "Shopify CSV");
    EXPECT_EQ(told(report.notes),
              "1 columns_left_out, 2 html_to_text, 2 sku_made, 3 stock_below_zero, 3 stock_untracked, "
              "2 picture_left_out, 2 picture_left_out, 2 picture_left_out, 5 sku_made, 5 stock_untracked");
    auto pot = product("pot");
    EXPECT_EQ(pot.description, "Blown & fired");
    EXPECT_EQ(pot.variants[0].sku, "pot-regular");
    EXPECT_EQ(pot.variants[1].sku, "POT-L");
    EXPECT_EQ(pot.variants[1].weight_grams, 900);
    EXPECT_EQ(pot.variants[1].stock.on_hand, 0);
    EXPECT_EQ(pot.categories.at(0).name, "Outdoor");
    auto light = product("light");
    EXPECT_TRUE(light.options.empty());
    EXPECT_EQ(light.status, catalog::ProductStatus::draft);
    EXPECT_EQ(sums(import(text, in_euros())), "0 0 2 0");
}

TEST_P(Imports, TakeSpreesExport) {
    auto report = import(
        "slug,sku,name,price,compare_at_price,currency,status,description,tags,category1,option1_name,"
        "option1_value,"
        "weight,weight_unit,inventory_count,custom_field.custom.wattage\n"
        "kettle,KETTLE,Kettle,0,0,USD,active,Boils,\"tea, hot\",Kitchen -> Kettles,,,,lb,,1400W\n"
        "kettle,KETTLE-RED,,44.99,0,USD,,,,,Color,Red,2,lb,7,\n"
        "kettle,KETTLE-BLUE,,44.99,50,USD,,,,,Color,Blue,2,kg,0,\n"
        "single,SINGLE,Single,5,0,USD,draft,,,,,,,,,\n"
        "kettle,KETTLE-RED,,39.99,,EUR,,,,,,,,,,\n");
    EXPECT_EQ(sums(report), "2 0 0 0") << told(report.errors);
    EXPECT_EQ(told(report.notes), "6 other_currency");
    auto kettle = product("kettle");
    ASSERT_EQ(kettle.variants.size(), 2U) << "the product's own row is no variant";
    EXPECT_EQ(kettle.variants[0].weight_grams, 907);
    EXPECT_EQ(kettle.variants[1].weight_grams, 2000);
    EXPECT_EQ(kettle.variants[0].compare_at_price, std::nullopt);
    EXPECT_EQ(kettle.attributes.at("Wattage"), "1400W");
    EXPECT_EQ(kettle.categories.at(0).name, "Kettles");
    EXPECT_EQ(product("single").variants[0].sku, "SINGLE");
}

constexpr const char* woocommerce =
    "ID,Type,SKU,Name,Published,Short description,Description,Stock,Weight (kg),Sale price,Regular "
    "price,Categories,Tags,Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 "
    "value(s),Shipping class\n"
    "10,variable,cap,Cap,1,,<p>Warm</p>\\n<p>Round</p>,,,,,\"Clothing > Caps, Sale\",\"wool, "
    "winter\",https://"
    "x.example/cap.jpg,,Size,\"S, M\",Fabric,\"Wool\\, merino\",\n"
    "11,\"simple, virtual\",voucher,Voucher,'-1,Short,Long,,,,20,,,,,,,,,\n"
    "12,external,,Elsewhere,1,,,,,,5,,,,,,,,,\n"
    "20,variation,,Cap - M,1,,,4,0.2,8,10,,,,id:10,Size,M,,,\n"
    "21,variation,cap-s,Cap - S,1,,,parent,,,9,,,,cap,Size,S,,,\n"
    "22,variation,cap-x,Cap,1,,,-3,,,9,,,,cap,Size,,,,\n"
    "23,variation,lost,Lost,1,,,1,,,9,,,,id:99,Size,S,,,\n"
    "30,simple,free,Free,0,,,1,,,,,,,,,,,,\n";

TEST_P(Imports, TakeWooCommercesExport) {
    auto report = import(woocommerce, in_euros());
    EXPECT_EQ(sums(report), "2 0 0 2") << told(report.errors);
    EXPECT_EQ(report.format, "WooCommerce CSV");
    EXPECT_EQ(told(report.errors), "9 required, 8 parent_missing");
    EXPECT_EQ(told(report.notes),
              "1 columns_left_out, 2 html_to_text, 5 sku_made, 6 stock_shared, 7 any_value, 7 "
              "stock_below_zero, 2 picture_left_out, 3 stock_untracked, 4 type_left_out, 9 private");
    auto cap = must(read([&](store::Tx& tx) {
        return catalog::list_products_by_id(tx, staff(), catalog::list_product_ids(tx, "", 10));
    }));
    ASSERT_EQ(cap.size(), 2U);
    std::ranges::sort(cap, {}, &catalog::Product::title);
    EXPECT_EQ(cap[0].description, "Warm\nRound");
    EXPECT_EQ(cap[0].attributes.at("Fabric"), "Wool, merino");
    EXPECT_EQ(cap[0].attributes.at("Tags"), "wool, winter");
    EXPECT_EQ(cap[0].categories.at(0).name, "Caps");
    EXPECT_EQ(cap[0].categories.at(1).name, "Sale");
    ASSERT_EQ(cap[0].variants.size(), 3U) << "they stand elsewhere in the file";
    EXPECT_EQ(cap[0].variants[0].sku, "wc-20");
    EXPECT_EQ(cap[0].variants[0].price.amount, 800);
    EXPECT_EQ(cap[0].variants[0].compare_at_price->amount, 1000);
    EXPECT_EQ(cap[0].variants[0].weight_grams, 200);
    EXPECT_EQ(cap[0].variants[0].stock.on_hand, 4);
    EXPECT_EQ(cap[0].variants[1].options.at("Size"), "S");
    EXPECT_EQ(cap[0].variants[2].options.at("Size"), "Any");
    EXPECT_EQ(cap[1].status, catalog::ProductStatus::draft) << "behind the apostrophe stands -1";
    EXPECT_EQ(cap[1].description, "Short\n\nLong");
    EXPECT_EQ(sums(import(woocommerce, in_euros())), "0 0 2 2");
}

TEST_P(Imports, RefuseAFileOfAnotherShopThanSaid) {
    ImportOptions shopify = in_euros();
    shopify.format = "Shopify CSV";
    EXPECT_THROW(import(woocommerce, shopify), UnreadableFile);
}

TEST_P(Imports, TakeVenduresFile) {
    auto report = import(
        "name      ,slug  ,description         ,assets,facets                        "
        ",optionGroups,optionValues ,sku ,"
        "price ,taxCategory,stockOnHand\n"
        "Chair     ,chair ,\"Sit, please\"   ,a.jpg ,category:Home|category:Chairs|brand:Ann|color:red,color "
        ",mint  "
        ",404 ,100.00,standard,100\n"
        "          ,      ,                ,      ,                              ,            ,pearl ,404 "
        ",100.00,,90\n",
        in_euros());
    EXPECT_EQ(sums(report), "1 0 0 0") << told(report.errors);
    EXPECT_EQ(told(report.notes), "1 columns_left_out, 3 sku_made, 2 picture_left_out");
    auto chair = product("chair");
    EXPECT_EQ(chair.description, "Sit, please");
    EXPECT_EQ(chair.brand, "Ann");
    EXPECT_EQ(chair.attributes.at("Color"), "red");
    EXPECT_EQ(chair.variants[1].sku, "404-pearl");
    EXPECT_EQ(chair.variants[1].options.at("Color"), "pearl");
    EXPECT_EQ(chair.categories.at(0).name, "Chairs");
}

TEST_P(Imports, TakeALineOfJsonForAProduct) {
    auto report = import(
        R"({"slug": "cup", "title": "Cup", "categories": ["Kitchen > Cups"], "variants": [{"sku": "cup", "price": {"amount": 500, "currency": "EUR"}, "on_hand": 2}]})"
        "\n\n"
        R"({"slug": "cup", "titel": "Cup"})"
        "\n{not json\n"
        R"({"variants": [{"sku": "cup", "on_hand": 9}]})",
        {}, Format::ndjson);
    EXPECT_EQ(sums(report), "1 1 0 2") << told(report.errors);
    EXPECT_EQ(told(report.errors), "3 unknown_field, 4 invalid_json");
    EXPECT_EQ(product("cup").variants[0].stock.on_hand, 9);
}

TEST_P(Imports, StockLessThanReservedIsRefused) {
    import(shirts);
    auto shirt = product("shirt");
    must(write([&](store::Tx& tx) {
        return catalog::reserve_stock(tx, core::OrderId::at(tx.now()), {{shirt.variants[0].id, shirt.id, 2}},
                                      "guest");
    }));
    EXPECT_EQ(told(import("sku,on_hand\nshirt-s,1\n").errors), "2 stock_reserved");
    EXPECT_EQ(sums(import("sku,on_hand\nshirt-s,2\n")), "0 1 0 0");
}

TEST_P(Imports, ExportsComeBackAsTheSameShop) {
    import(shirts);
    import(
        R"({"slug": "odd", "title": "=Odd, \"quoted\"", "description": "Two\nlines; äöü ", "categories": ["A \\> B > C\\|D"], "attributes": {"Größe, cm": "1|2\\3"}, "options": [{"name": "Size", "values": ["S", "L"]}], "variants": [{"sku": "odd 1", "title": "Own title", "options": {"Size": "L"}, "price": {"amount": 1, "currency": "EUR"}}]})",
        {}, Format::ndjson);
    const auto odd = product("odd").id;
    must(write([&](store::Tx& tx) { media::add_image(tx, {odd, "aa.webp", "front", 10, 10}); }));
    EXPECT_EQ(product("odd").categories.at(0).name, "C|D");
    for (Format format : {Format::csv, Format::ndjson}) {
        const std::string text = exported(format);
        auto again = import(text, {}, format);
        EXPECT_EQ(sums(again), "0 0 3 0") << told(again.errors);
        support::TestDatabase other(GetParam(), clock);
        auto moved = import_products(*other, staff(), source_of(text, format), {});
        EXPECT_EQ(sums(moved), "3 0 0 0") << told(moved.errors);
        EXPECT_EQ(told(moved.notes).ends_with("picture_unknown"), true) << told(moved.notes);
        ProductExport products(*other, format);
        std::string back;
        for (std::string part = products.next(); !part.empty(); part = products.next())
            back += part;
        if (format == Format::csv) continue;  // values that no variant has can't stand in a row
        EXPECT_EQ(std::ranges::count(back, '\n'), std::ranges::count(text, '\n'));
    }
}

TEST(HtmlText, IsWhatAReaderSees) {
    EXPECT_EQ(text_of_html("<p>One &amp; <b>two</b></p>\n<p>Three</p>"), "One & two\nThree");
    EXPECT_EQ(text_of_html("<ul><li>a<li>b</ul>after<br>break"), "- a\n- b\nafter\nbreak");
    EXPECT_EQ(text_of_html("Plain   text,\n no markup"), "Plain text, no markup");
    EXPECT_EQ(text_of_html("<script>alert('x')</script><style>p{}</style>ok<img src=x onerror=alert(1)>"),
              "ok");
    EXPECT_EQ(text_of_html("<p>&lt;script&gt;"), "<script>");
    EXPECT_EQ(text_of_html("กาแฟ &eacute;"), "กาแฟ é");
    EXPECT_EQ(text_of_html(" \n"), "");
    std::string deep;
    for (int i = 0; i < 20'000; ++i)
        deep += "<div>";
    text_of_html(deep + "x");  // ends
}

TEST(Prices, AreReadExactly) {
    auto amount = [](std::string_view text, const char* currency = "EUR") -> std::int64_t {
        auto price = price_from_text(text, core::Currency::trusted(currency));
        return price ? price->amount.value : -1;
    };
    EXPECT_EQ(amount("19.99"), 1999);
    EXPECT_EQ(amount("19.9"), 1990);
    EXPECT_EQ(amount("19"), 1900);
    EXPECT_EQ(amount("19.990"), 1999);
    EXPECT_EQ(amount("4,680"), 468000);
    EXPECT_EQ(amount("1,234,567.01"), 123456701);
    EXPECT_EQ(amount("1500", "JPY"), 1500);
    EXPECT_EQ(amount("1.234", "KWD"), 1234);
    for (const char* refused :
         {"", "-1", "12,50", "1.299,00", "1,23,456", "19.999", "1e3", "$5", ".", ",5", "1 000"})
        EXPECT_EQ(amount(refused), -1) << refused;
    EXPECT_EQ(amount("99999999999999999999"), -1);
    EXPECT_EQ(amount("1", "ZZZ"), -1);
}

}  // namespace
}  // namespace bulk
