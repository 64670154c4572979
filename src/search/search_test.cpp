// What customers find: rules against a real database and a real index.
#include "search/search.hpp"

#include "support/goods.hpp"
#include "support/test_database.hpp"

#include <cstdlib>
#include <set>

namespace search {
namespace {

using support::must;

class SearchTest : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        std::string pattern = (std::filesystem::temp_directory_path() / "kontor-search-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        open();
    }
    void TearDown() override {
        search_.reset();
        std::filesystem::remove_all(folder_);
    }

    // As a start of the program does; what was indexed before is still there.
    void open(const std::string& language = "english") {
        search_.reset();
        search_ =
            std::make_unique<Search>(Settings{folder_ / "index", language, 1}, db(), [this] { ++news_; });
    }

    static core::Caller staff() {
        core::Caller caller;
        caller.permissions = core::permissions_of(core::Role::manager);
        return caller;
    }

    static catalog::NewProduct product(const std::string& title, std::int64_t cents = 1000,
                                       std::int64_t on_hand = 5) {
        catalog::NewProduct product;
        product.title = catalog::Title::trusted(title);
        product.status = catalog::ProductStatus::active;
        catalog::NewVariant variant;
        variant.sku = catalog::Sku::trusted("SKU-" + std::to_string(++serial_));
        variant.price = {cents, core::Currency::trusted("EUR")};
        variant.on_hand = catalog::Units(on_hand);
        product.variants.push_back(variant);
        return product;
    }

    catalog::Product make(const catalog::NewProduct& product) {
        return must(write([&](store::Tx& tx) { return catalog::create_product(tx, staff(), product); }));
    }
    void make(std::initializer_list<const char*> titles) {
        for (const char* title : titles)
            make(product(title));
    }

    FoundProducts find(const std::string& q, ProductSearch query = {}, const core::Caller& caller = {}) {
        search_->catch_up();
        if (!q.empty()) query.q = core::SearchText::trusted(q);
        return must(read([&](store::Tx& tx) { return search_->find_products(tx, caller, query); }));
    }
    static std::vector<std::string> titles_of(const FoundProducts& found) {
        std::vector<std::string> titles;
        for (const catalog::Product& product : found.data)
            titles.push_back(product.title);
        return titles;
    }
    std::vector<std::string> titles(const std::string& q, ProductSearch query = {}) {
        return titles_of(find(q, std::move(query)));
    }
    static std::map<std::string, std::int64_t> counts(const FoundProducts& found, const std::string& facet) {
        std::map<std::string, std::int64_t> counts;
        for (const FacetCount& value : found.facets.value().at(facet))
            counts[value.value] = value.count;
        return counts;
    }

    using Titles = std::vector<std::string>;

    static inline int serial_ = 0;
    std::filesystem::path folder_;
    std::unique_ptr<Search> search_;
    int news_ = 0;
};
KONTOR_ON_BOTH_ENGINES(SearchTest);

TEST_P(SearchTest, FindsWordsInAnyForm) {
    make({"Red kettle", "Blue mug"});
    EXPECT_EQ(titles("kettles"), Titles{"Red kettle"});
    EXPECT_EQ(titles("KETTLE red"), Titles{"Red kettle"});
    EXPECT_EQ(titles("sofa"), Titles{});
}

TEST_P(SearchTest, PutsTheNearestFirst) {
    catalog::NewProduct described = product("Cleaner");
    described.description = catalog::Description::trusted("Takes the lime out of any kettle.");
    make(described);
    make({"Toaster", "Kettle"});
    EXPECT_EQ(titles("kettle"), (Titles{"Kettle", "Cleaner"}));
    EXPECT_EQ(titles("toaster kettle").front(), "Toaster") << "rarer words weigh more";
}

TEST_P(SearchTest, PrefersWhatIsInStock) {
    make(product("Green teapot", 1000, 0));
    make(product("Large green teapot", 1000, 5));
    EXPECT_EQ(titles("green teapot"), (Titles{"Large green teapot", "Green teapot"}));
}

TEST_P(SearchTest, PagesGoOnFromWhatIsInStockToWhatIsNot) {
    for (int i = 0; i < 7; ++i)
        make(product("Teapot", 1000, i % 2));
    ProductSearch query;
    query.limit = 2;
    std::vector<bool> in_stock;
    std::set<std::string> ids;
    for (bool has_more = true; has_more;) {
        auto found = find("teapot", query);
        has_more = found.has_more;
        for (const catalog::Product& product : found.data) {
            in_stock.push_back(product.variants[0].stock.available > 0);
            ids.insert(product.id.str());
        }
        if (has_more) query.cursor = *core::Cursor::from_text(found.next_cursor.value());
    }
    EXPECT_EQ(in_stock, (std::vector<bool>{true, true, true, false, false, false, false}));
    EXPECT_EQ(ids.size(), 7u) << "each once";
}

TEST_P(SearchTest, ForgivesTypos) {
    make({"Everbilt hinge", "Headboard", "Light bulb", "Lamp"});
    auto found = find("everblit hinge");
    EXPECT_EQ(titles_of(found), Titles{"Everbilt hinge"});
    EXPECT_EQ(found.did_you_mean, "everbilt hinge");
    EXPECT_EQ(titles("head board"), Titles{"Headboard"});
    EXPECT_EQ(titles("lightbulb"), Titles{"Light bulb"});
    EXPECT_FALSE(find("hinge").did_you_mean);
}

TEST_P(SearchTest, FindsTheBeginningOfTheLastWord) {
    make({"Espresso machine", "Expander"});
    EXPECT_EQ(titles("espre"), Titles{"Espresso machine"});
}

TEST_P(SearchTest, FindsArticleNumbersAndPhrases) {
    catalog::NewProduct numbered = product("Drill");
    numbered.variants.front().sku = catalog::Sku::trusted("AB-1200/x");
    make(numbered);
    make({"Steel table lamp", "Lamp for a steel table"});
    EXPECT_EQ(titles("ab-1200/X"), Titles{"Drill"});
    EXPECT_EQ(titles("\"table lamp\""), Titles{"Steel table lamp"});
    EXPECT_EQ(titles("\"lamp table\""), Titles{});
}

TEST_P(SearchTest, FindsThaiAndChinese) {
    make({"โต๊ะทำงานไม้", "红色沙发 两座", "Lamp"});
    EXPECT_EQ(titles("ทำงาน"), Titles{"โต๊ะทำงานไม้"});
    EXPECT_EQ(titles("沙发"), Titles{"红色沙发 两座"});
}

TEST_P(SearchTest, ALongRunOfThaiOrChineseIsFoundWhole) {
    constexpr const char* desk = "ชุดโต๊ะทำงานไม้สักทอง";
    constexpr int desks = 12;  // enough that those with every group are shown alone
    for (int i = 0; i < desks; ++i)
        make({desk});
    make({"โต๊ะพลาสติก", "ไม้สักแกะสลัก", "红色真皮沙发", "红色地毯"});
    EXPECT_EQ(titles("โต๊ะทำงานไม้สัก"), Titles(desks, desk));
    EXPECT_EQ(titles("红色真皮沙发").front(), "红色真皮沙发");
    EXPECT_EQ(titles("红色沙发").front(), "红色真皮沙发") << "a word between them";
}

TEST_P(SearchTest, KnowsSynonymsOfStaff) {
    make({"Couch", "Garden chair"});
    EXPECT_EQ(titles("settee"), Titles{});
    NewSynonyms group{{Synonym::trusted("settee"), Synonym::trusted("Couch")}};
    auto added = must(write([&](store::Tx& tx) { return add_synonyms(tx, staff(), group); }));
    EXPECT_EQ(titles("settee"), Titles{"Couch"});
    EXPECT_EQ(titles("settees"), Titles{"Couch"}) << "in any form";
    must(write([&](store::Tx& tx) { return delete_synonyms(tx, staff(), {added.id}); }));
    EXPECT_EQ(titles("settee"), Titles{});
    auto lonely = write([&](store::Tx& tx) { return add_synonyms(tx, staff(), {{Synonym::trusted("x")}}); });
    EXPECT_EQ(support::error_code(lonely), core::ErrorCode::validation_failed);
}

TEST_P(SearchTest, FollowsEveryChange) {
    auto mug = make(product("Mug"));
    EXPECT_EQ(titles("mug"), Titles{"Mug"});
    const int news = news_;
    catalog::ProductPatch rename;
    rename.id = mug.id;
    rename.title = {true, catalog::Title::trusted("Beaker")};
    must(write([&](store::Tx& tx) { return catalog::change_product(tx, staff(), rename); }));
    EXPECT_EQ(titles("mug"), Titles{});
    EXPECT_EQ(titles("beaker"), Titles{"Beaker"});
    EXPECT_GT(news_, news) << "kept answers are to go";
    must(write([&](store::Tx& tx) { return catalog::delete_product(tx, staff(), {mug.id}); }));
    EXPECT_EQ(titles("beaker"), Titles{});
    EXPECT_EQ(find("becker").did_you_mean, std::nullopt) << "a word nobody uses is no correction";
}

TEST_P(SearchTest, FollowsCategories) {
    auto kitchen = must(write([&](store::Tx& tx) {
        return catalog::create_category(tx, staff(), {core::Text<1, 200>::trusted("Kitchen"), {}, {}, {}});
    }));
    catalog::NewProduct mug = product("Mug");
    mug.category_ids = {kitchen.id};
    make(mug);
    EXPECT_EQ(titles("kitchen"), Titles{"Mug"});
    catalog::CategoryPatch rename;
    rename.id = kitchen.id;
    rename.name = {true, core::Text<1, 200>::trusted("Tableware")};
    must(write([&](store::Tx& tx) { return catalog::change_category(tx, staff(), rename); }));
    EXPECT_EQ(titles("kitchen"), Titles{});
    EXPECT_EQ(titles("tableware"), Titles{"Mug"});
}

TEST_P(SearchTest, GoesOnAfterARestartAndBuildsWhatWasDeleted) {
    make({"Kettle"});
    find("kettle");
    search_.reset();
    make({"Mug"});
    open();
    EXPECT_EQ(titles("mug"), Titles{"Mug"});
    EXPECT_EQ(titles("kettle"), Titles{"Kettle"});
    std::filesystem::remove_all(folder_ / "index");
    EXPECT_EQ(titles("mug"), Titles{"Mug"});
    open("german");
    EXPECT_EQ(titles("kettle"), Titles{"Kettle"}) << "another language, another index";
}

TEST_P(SearchTest, ShowsOnlyWhatTheCallerMaySee) {
    catalog::NewProduct draft = product("Secret kettle");
    draft.status = catalog::ProductStatus::draft;
    make(draft);
    EXPECT_EQ(titles("kettle"), Titles{});
    EXPECT_EQ(titles_of(find("kettle", {}, staff())), Titles{"Secret kettle"});
    ProductSearch drafts;
    drafts.status = catalog::ProductStatus::draft;
    drafts.q = core::SearchText::trusted("kettle");
    auto asked = read([&](store::Tx& tx) { return search_->find_products(tx, {}, drafts); });
    EXPECT_EQ(support::error_code(asked), core::ErrorCode::forbidden);
}

// Brands and colours of eight lamps, as a filter and as counts.
class FacetsTest : public SearchTest {
protected:
    void SetUp() override {
        SearchTest::SetUp();
        for (int i = 0; i < 8; ++i) {
            catalog::NewProduct lamp = product("Lamp " + std::to_string(i), 100 * (i + 1), i == 7 ? 0 : 5);
            lamp.brand = catalog::Brand::trusted(i < 5 ? "Arbor" : "Brise");
            lamp.attributes.emplace("Color", catalog::AttributeValue::trusted(i % 2 ? "Red" : "Blue"));
            make(lamp);
        }
        make(product("Chair"));
    }
    static ProductSearch with_facets(const char* facets) {
        ProductSearch query;
        query.facets = Facets::from_text(facets).value();
        return query;
    }
    using Counts = std::map<std::string, std::int64_t>;
};
KONTOR_ON_BOTH_ENGINES(FacetsTest);

TEST_P(FacetsTest, CountExactly) {
    auto found = find("lamp", with_facets("brand,attributes,price"));
    EXPECT_EQ(found.total, 8);
    EXPECT_EQ(counts(found, "brand"), (Counts{{"Arbor", 5}, {"Brise", 3}}));
    EXPECT_EQ(counts(found, "attributes[Color]"), (Counts{{"Red", 4}, {"Blue", 4}}));
    EXPECT_EQ(counts(found, "price"), (Counts{{"100-199", 1}, {"200-499", 3}, {"500-999", 4}}));
    EXPECT_EQ(find("", with_facets("brand")).total, 9) << "without a query too";
}

TEST_P(FacetsTest, AreNotNarrowedByTheirOwnFilter) {
    auto query = with_facets("brand,attributes");
    query.brand = catalog::Brand::trusted("Brise");
    auto found = find("lamp", query);
    EXPECT_EQ(found.total, 3);
    EXPECT_EQ(counts(found, "brand"), (Counts{{"Arbor", 5}, {"Brise", 3}}));
    EXPECT_EQ(counts(found, "attributes[Color]"), (Counts{{"Red", 2}, {"Blue", 1}}));
}

// A facet leaves out its own filter and no other: of two attributes that are filtered by, each narrows the
// other.
TEST_P(FacetsTest, OfAttributesSeeEachOthersFilters) {
    for (auto [title, color, size] :
         {std::tuple("Rug 1", "Red", "S"), std::tuple("Rug 2", "Red", "L"), std::tuple("Rug 3", "Blue", "S"),
          std::tuple("Rug 4", "Blue", "L"), std::tuple("Rug 5", "Green", "L")}) {
        catalog::NewProduct rug = product(title);
        rug.attributes.emplace("Color", catalog::AttributeValue::trusted(color));
        rug.attributes.emplace("Size", catalog::AttributeValue::trusted(size));
        rug.attributes.emplace("Pile",
                               catalog::AttributeValue::trusted(std::string(size) == "S" ? "low" : "high"));
        make(rug);
    }
    auto query = with_facets("attributes");
    query.attributes.emplace("Color", catalog::AttributeValue::trusted("Red"));
    query.attributes.emplace("Size", catalog::AttributeValue::trusted("L"));
    auto found = find("rug", query);
    EXPECT_EQ(found.total, 1);
    EXPECT_EQ(counts(found, "attributes[Color]"), (Counts{{"Red", 1}, {"Blue", 1}, {"Green", 1}}));
    EXPECT_EQ(counts(found, "attributes[Size]"), (Counts{{"S", 1}, {"L", 1}}));
    EXPECT_EQ(counts(found, "attributes[Pile]"), (Counts{{"high", 1}}));
}

TEST_P(FacetsTest, EveryFilterOfTheListHolds) {
    ProductSearch query;
    query.price_min = 300;
    query.price_max = 800;
    query.attributes.emplace("Color", catalog::AttributeValue::trusted("Red"));
    query.sort = *catalog::ProductSort::from_text("-price");
    EXPECT_EQ(titles("lamp", query), (Titles{"Lamp 7", "Lamp 5", "Lamp 3"}));
    query.in_stock = true;
    EXPECT_EQ(titles("lamp", query), (Titles{"Lamp 5", "Lamp 3"}));
    query.in_stock = false;
    EXPECT_EQ(titles("lamp", query), Titles{"Lamp 7"});
    query.category = *catalog::CategoryReference::from_text("nowhere");
    EXPECT_EQ(titles("lamp", query), Titles{});
}

TEST_P(FacetsTest, PagesFollowEachOther) {
    ProductSearch query;
    query.sort = *catalog::ProductSort::from_text("price");
    query.limit = 3;
    Titles all;
    for (int page = 0; page < 3; ++page) {
        auto found = find("lamp", query);
        for (std::string& title : titles_of(found))
            all.push_back(std::move(title));
        EXPECT_EQ(found.has_more, page < 2);
        if (found.next_cursor) query.cursor = *core::Cursor::from_text(*found.next_cursor);
    }
    EXPECT_EQ(all, (Titles{"Lamp 0", "Lamp 1", "Lamp 2", "Lamp 3", "Lamp 4", "Lamp 5", "Lamp 6", "Lamp 7"}));
    query.sort.reset();
    query.q = core::SearchText::trusted("lamp");
    auto other = read([&](store::Tx& tx) { return search_->find_products(tx, {}, query); });
    EXPECT_EQ(support::error_code(other), core::ErrorCode::invalid_parameter) << "a cursor of another sort";
}

TEST_P(FacetsTest, SoldOutIsNoticed) {
    ProductSearch sold_out;
    sold_out.in_stock = false;
    EXPECT_EQ(titles("lamp", sold_out), Titles{"Lamp 7"});
    auto lamp = find("lamp 0").data.front();
    must(write([&](store::Tx& tx) {
        return catalog::reserve_stock(tx, core::OrderId::at(tx.now()), {{lamp.variants[0].id, lamp.id, 5}},
                                      "guest");
    }));
    EXPECT_EQ(find("lamp", sold_out).data.size(), 2u);
}

}  // namespace
}  // namespace search
