// Many products of a file go in together: it must be as if each had gone in by itself.
#include "bulk/bulk_fixture.hpp"

#include <gtest/gtest.h>

namespace bulk {
namespace {

class ImportsInParts : public ImportTest {
protected:
    static ImportOptions dry_run() {
        ImportOptions options;
        options.dry_run = true;
        return options;
    }
};
KONTOR_ON_BOTH_ENGINES(ImportsInParts);

TEST_P(ImportsInParts, SeeWhatEarlierLinesOfTheSameFileDid) {
    import("slug,title,sku,price,currency\nlamp,Lamp,lamp,10,EUR\n");
    EXPECT_EQ(sums(import("slug,title,sku,price,currency\n"
                          "lamp,Lamp,lamp,12,EUR\n"
                          "mug,Mug,mug,5,EUR\n"
                          "lamp,Lamp,lamp,10,EUR\n")),
              "1 2 0 0");
    EXPECT_EQ(product("lamp").variants[0].price.amount, 1000) << "the last line counts";
    auto report = import(
        "slug,title,sku,price,currency\n"
        "lamp,Lamp,lamp,10,EUR\n"
        "mug,Mug,mug,5,EUR\n"
        "lamp,Better lamp,lamp,12,EUR\n"
        "desk-lamp,Desk lamp,lamp,13,EUR\n"
        "lamp,Other lamp,other-lamp,20,EUR\n"
        ",Mug,mug,5,EUR\n"
        ",Mug,big-mug,8,EUR\n"
        "mug-8,Big mug,big-mug,8,EUR\n");
    EXPECT_EQ(sums(report), "2 3 3 0") << told(report.errors);
    EXPECT_EQ(count(), 4);
    EXPECT_EQ(product("desk-lamp").title, "Desk lamp") << "found by its SKU, renamed";
    EXPECT_EQ(product("desk-lamp").variants[0].price.amount, 1300);
    EXPECT_EQ(product("lamp").title, "Other lamp") << "its slug was free by then";
    EXPECT_EQ(product("mug").variants[0].price.amount, 500);
    EXPECT_EQ(product("mug-8").title, "Big mug") << "made under a slug of its title";
}

TEST_P(ImportsInParts, TellInADryRunWhatOnlyTheDatabaseRefuses) {
    import("slug,title,sku,price,currency\nshirt,Shirt,shirt-l,17,EUR\n");
    const std::string twin =
        "slug,title,sku,option1_name,option1_value,price,currency\n"
        "cap,Cap,cap-s,Size,S,5,EUR\n"
        "cap,,shirt-l,Size,L,5,EUR\n";
    const auto tried = import(twin, dry_run());
    const auto done = import(twin);
    EXPECT_EQ(sums(done), "0 0 0 1") << told(done.errors);
    EXPECT_EQ(told(done.errors), "2 sku_taken");
    EXPECT_EQ(sums(tried), sums(done)) << "the SKU is another product's";
    EXPECT_EQ(told(tried.errors), told(done.errors));
}

}  // namespace
}  // namespace bulk
