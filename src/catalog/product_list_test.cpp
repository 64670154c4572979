// Lists of products: every filter with every sort against a plain reckoning, and pages that neither skip nor
// repeat.
#include "catalog/catalog_fixture.hpp"
#include "catalog/list_queries.hpp"

#include <gtest/gtest.h>

#include <set>

namespace catalog {
namespace {

using core::ErrorCode;
using support::error_code;
using support::must;

constexpr const char* sorts[] = {"-created_at", "created_at", "price", "-price", "title"};

class ProductList : public CatalogTest {
protected:
    static ProductSort sort(std::string_view name) { return *ProductSort::from_text(name); }

    // All pages of a list; `between` runs after each.
    std::vector<Product> walk(
        ProductQuery query, const core::Caller& caller = guest(),
        const std::function<void()>& between = [] {}) {
        std::vector<Product> all;
        for (int pages = 0; pages < 200; ++pages) {
            auto page = must(look(list_products, query, caller));
            EXPECT_LE(page.data.size(),
                      static_cast<std::size_t>(query.limit.value_or(core::PageLimit(20)).value));
            EXPECT_EQ(page.has_more, page.next_cursor.has_value());
            for (Product& product : page.data)
                all.push_back(std::move(product));
            if (!page.has_more) return all;
            query.cursor = *core::Cursor::from_text(*page.next_cursor);
            between();
        }
        ADD_FAILURE() << "the list doesn't end";
        return all;
    }

    static std::vector<std::string> titles(const std::vector<Product>& products) {
        std::vector<std::string> titles;
        for (const Product& product : products)
            titles.push_back(product.title);
        return titles;
    }

    // Products of all sorts: three brands, two categories, prices that repeat, every fifth one sold out, some
    // drafts.
    std::vector<Product> fill(int count) {
        Category kitchen = category("Kitchen");
        Category kettles = category("Kettles", kitchen.id);
        std::vector<Product> made;
        for (int i = 0; i < count; ++i) {
            NewProduct in =
                product("Product " + std::to_string(i * 7919 % 1000), 100 * (i % 4 + 1), i % 5 == 0 ? 0 : 5);
            in.brand = Brand::trusted(std::string("Brand ") + "ABC"[i % 3]);
            if (i % 2 == 0) in.category_ids = {i % 4 == 0 ? kettles.id : kitchen.id};
            in.attributes.emplace("Parity", AttributeValue::trusted(i % 2 == 0 ? "even" : "odd"));
            in.attributes.emplace("Third", AttributeValue::trusted(std::to_string(i % 3)));
            if (i % 7 == 6) in.status = ProductStatus::draft;
            made.push_back(make(in));
            if (i % 3 == 0) clock.advance(std::chrono::milliseconds(1));
        }
        return made;
    }
};
KONTOR_ON_BOTH_ENGINES(ProductList);

bool in_order(std::string_view sort, const Product& a, const Product& b) {
    auto price = [](const Product& p) { return p.price_range.min.amount.value; };
    if (sort == "-created_at") return std::pair(a.created_at, a.id) > std::pair(b.created_at, b.id);
    if (sort == "created_at") return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id);
    if (sort == "price") return std::pair(price(a), a.id) < std::pair(price(b), b.id);
    if (sort == "-price") return std::pair(price(a), a.id) > std::pair(price(b), b.id);
    auto key = [](std::string text) {
        std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        return text;
    };
    return std::pair(key(a.title), a.id) < std::pair(key(b.title), b.id);
}

// Filters as a query and as a plain question to a product.
struct Case {
    const char* name;
    std::function<void(ProductQuery&)> ask;
    std::function<bool(const Product&)> matches;
};

std::vector<Case> cases() {
    auto available = [](const Product& p) {
        return std::ranges::any_of(p.variants, [](const Variant& v) { return v.stock.available > 0; });
    };
    auto in_category = [](const Product& p) { return !p.category_ids.empty(); };
    auto price = [](const Product& p) { return p.price_range.min.amount.value; };
    auto attribute = [](ProductQuery& q, const char* name, const char* value) {
        q.attributes[name] = AttributeValue::trusted(value);
    };
    return {
        {"all", [](ProductQuery&) {}, [](const Product&) { return true; }},
        {"category", [](ProductQuery& q) { q.category = *CategoryReference::from_text("kitchen"); },
         in_category},
        {"brand", [](ProductQuery& q) { q.brand = Brand::trusted("Brand A"); },
         [](const Product& p) { return p.brand == "Brand A"; }},
        {"price", [](ProductQuery& q) { q.price_min = {200}, q.price_max = {300}; },
         [=](const Product& p) { return price(p) >= 200 && price(p) <= 300; }},
        {"sold out", [](ProductQuery& q) { q.in_stock = false; },
         [=](const Product& p) { return !available(p); }},
        {"in stock", [](ProductQuery& q) { q.in_stock = true; }, available},
        {"attributes", [=](ProductQuery& q) { attribute(q, "Parity", "odd"), attribute(q, "Third", "1"); },
         [](const Product& p) {
             return p.attributes.at("Parity") == "odd" && p.attributes.at("Third") == "1";
         }},
        {"everything",
         [=](ProductQuery& q) {
             q.category = *CategoryReference::from_text("kitchen");
             q.brand = Brand::trusted("Brand B");
             q.price_min = {150};
             q.in_stock = true;
             attribute(q, "Parity", "even");
         },
         [=](const Product& p) {
             return in_category(p) && p.brand == "Brand B" && price(p) >= 150 && available(p);
         }},
        {"nothing", [=](ProductQuery& q) { attribute(q, "Parity", "neither"); },
         [](const Product&) { return false; }},
    };
}

TEST_P(ProductList, FiltersAndSortsLikeAPlainReckoning) {
    std::vector<Product> made = fill(60);
    for (const Case& filter : cases()) {
        for (const char* name : sorts) {
            for (const core::Caller& caller : {guest(), staff()}) {
                std::vector<Product> expected;
                for (const Product& product : made) {
                    bool seen = product.status == ProductStatus::active || caller.user;
                    if (seen && filter.matches(product)) expected.push_back(product);
                }
                std::ranges::sort(expected,
                                  [&](const Product& a, const Product& b) { return in_order(name, a, b); });
                ProductQuery query;
                filter.ask(query);
                query.sort = sort(name);
                query.limit = core::PageLimit(7);
                EXPECT_EQ(titles(walk(query, caller)), titles(expected)) << filter.name << " by " << name;
            }
        }
    }
}

// Both ways to make a page, walking an index and sorting what a narrow filter lets through, make the same
// one.
TEST_P(ProductList, WalksAndSortsToTheSamePages) {
    fill(60);
    const std::vector<ProductStatus> active{ProductStatus::active};
    auto ids = must(read([](store::Tx& tx) { return tx.list<std::string>("select id from products"); }));
    auto kitchen = must(look(get_category, {*CategoryReference::from_text("kitchen")})).id;
    int rows = 0;
    for (int chosen = 0; chosen < 32; ++chosen) {
        for (const char* name : sorts) {
            queries::ListFilter filter;
            filter.sort = sort(name);
            filter.after_number = name[0] == '-' ? core::amount_max : -1;
            filter.row_count = 100;
            if (chosen & 1) filter.category_id = kitchen;
            if (chosen & 2) filter.brand = "Brand A";
            if (chosen & 4) filter.price_min = 200, filter.price_max = 300;
            if (chosen & 8) filter.in_stock = true;
            if (chosen & 16) filter.pairs = {"Parity\neven", "Third\n0"};
            auto titles_of = [](const std::vector<queries::ProductRow>& found) {
                std::vector<std::string> titles;
                for (const queries::ProductRow& row : found)
                    titles.push_back(row.title);
                return titles;
            };
            auto walked = must(read([&](store::Tx& tx) {
                return titles_of(queries::list_along_index(tx, filter, ProductStatus::active));
            }));
            auto sorted = must(
                read([&](store::Tx& tx) { return titles_of(queries::list_among(tx, filter, active, ids)); }));
            EXPECT_EQ(walked, sorted) << "filters " << chosen << " by " << name;
            rows += static_cast<int>(walked.size());
        }
    }
    EXPECT_GT(rows, 1000);
}

TEST_P(ProductList, ShowsEachProductAsReadingItDoes) {
    Product made = make(shirt());
    auto list = must(look(list_products, {}));
    ASSERT_EQ(list.data.size(), 1U);
    EXPECT_EQ(core::to_json(list.data[0]), core::to_json(made));
}

TEST_P(ProductList, FindsOptionValuesAsAttributes) {
    Product made = make(shirt());
    ProductQuery query;
    query.attributes["Color"] = AttributeValue::trusted("Blue");
    EXPECT_EQ(must(look(list_products, query)).data.size(), 1U);
    ProductPatch patch;
    patch.id = made.id;
    patch.options = {true, std::vector{option("Color", {"Red", "Green"}), option("Size", {"S", "L"})}};
    patch.variants = {{made.variants[2].id,
                       {{"Color", OptionValue::trusted("Green")}, {"Size", OptionValue::trusted("S")}}}};
    must(run(change_product, patch));
    EXPECT_EQ(must(look(list_products, query)).data.size(), 0U);
    query.attributes["Color"] = AttributeValue::trusted("Green");
    EXPECT_EQ(must(look(list_products, query)).data.size(), 1U);
}

// Walks pages while products are added: those that were there come once each, in every order.
TEST_P(ProductList, PagesStayWholeWhileProductsAreAdded) {
    int added = 0;
    std::vector<Product> made = fill(40);
    for (const char* name : sorts) {
        std::set<std::string> before;
        for (const Product& product : made)
            before.insert(product.id.str());
        ProductQuery query;
        query.sort = sort(name);
        query.limit = core::PageLimit(3);
        auto all = walk(query, staff(), [&] {
            if (added % 20 < 12) {
                made.push_back(make(product("Added " + std::to_string(added), 1 + added * 37 % 500)));
            }
            ++added;
        });
        std::set<std::string> seen;
        for (const Product& product : all)
            EXPECT_TRUE(seen.insert(product.id.str()).second) << "twice, by " << name;
        for (const std::string& id : before)
            EXPECT_TRUE(seen.contains(id)) << "skipped, by " << name;
    }
}

TEST_P(ProductList, TakesOnlyItsOwnCursors) {
    fill(5);
    ProductQuery query;
    query.limit = core::PageLimit(2);
    query.sort = sort("price");
    std::string text = *must(look(list_products, query)).next_cursor;
    query.cursor = *core::Cursor::from_text(text);
    query.sort = sort("-price");
    auto refused = look(list_products, query);
    EXPECT_EQ(error_code(refused), ErrorCode::invalid_parameter);
    EXPECT_EQ(field_error(refused), "cursor invalid_cursor");
    text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(core::Cursor::from_text(text)) << "edited";
    query.sort = sort("price");
    for (const core::Cursor& made_up :
         {core::Cursor{"price", "12 or 1=1", query.cursor->id}, core::Cursor{"price", "", "x"},
          core::Cursor{"price", "99999999999999999999", query.cursor->id}}) {
        query.cursor = made_up;
        EXPECT_EQ(error_code(look(list_products, query)), ErrorCode::invalid_parameter);
    }
}

TEST_P(ProductList, ShowsThePublicWhatIsForSale) {
    fill(10);
    ProductQuery query;
    query.status = ProductStatus::draft;
    EXPECT_EQ(error_code(look(list_products, query, guest())), ErrorCode::forbidden);
    EXPECT_EQ(must(look(list_products, query, staff())).data.size(), 1U);
    query.status = ProductStatus::active;
    EXPECT_EQ(must(look(list_products, query, guest())).data.size(), 9U);
}

TEST_P(ProductList, OfACategoryThatDoesNotExistIsEmpty) {
    fill(5);
    ProductQuery query;
    query.category = *CategoryReference::from_text("nowhere");
    EXPECT_TRUE(must(look(list_products, query)).data.empty());
}

TEST_P(ProductList, SortsLongAndForeignTitles) {
    for (const char* start : {"กาแฟ", "émile", "Zebra", "apple", "Banana"}) {
        make(product(start + std::string(200, 'x')));
        make(product(start + std::string(200, 'x') + "y"));
    }
    ProductQuery query;
    query.sort = sort("title");
    query.limit = core::PageLimit(1);
    auto all = walk(query);
    ASSERT_EQ(all.size(), 10U);
    EXPECT_TRUE(all[0].title.starts_with("apple"));
    EXPECT_TRUE(all[2].title.starts_with("Banana"));
    EXPECT_TRUE(all[9].title.starts_with("กาแฟ"));
}

TEST(ProductSort, SpellsItsNames) {
    for (const char* name : sorts)
        EXPECT_EQ(ProductSort::from_text(name)->text(), name);
    EXPECT_FALSE(ProductSort::from_text("popularity"));
    EXPECT_EQ(ProductSort{}.text(), "-created_at");
}

}  // namespace
}  // namespace catalog
