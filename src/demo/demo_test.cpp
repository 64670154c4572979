// The demo shop as it is shipped: it loads whole, quickly, and only once.
#include "demo/demo.hpp"

#include "catalog/catalog.hpp"
#include "support/test_database.hpp"
#include "users/users.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace demo {
namespace {

using support::must;

const std::filesystem::path shipped = std::filesystem::path(__FILE__).parent_path() / "../../demo";

class Demo : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        std::string pattern = (std::filesystem::temp_directory_path() / "kontor-demo-XXXXXX").string();
        ASSERT_TRUE(mkdtemp(pattern.data()));
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    Loaded load_from(const std::filesystem::path& source) {
        auto ensure_account = [this](const Account& account) {
            auto email = *core::Email::from_text(account.email);
            return must(write([&](store::Tx& tx) -> core::Result<core::UserId> {
                if (auto known = users::find_credentials(tx, email)) return known->id;
                auto name = core::Text<1, 200>::trusted(std::string(account.name));
                auto made = users::create_user(tx, {email, name, "no password", account.role});
                if (!made) return std::unexpected(std::move(made.error()));
                return made->id;
            }));
        };
        return load(db(), ensure_account, media::Folder(folder_ / "media"), source);
    }
    std::int64_t count(store::Sql sql) {
        return must(read([&](store::Tx& tx) { return tx.get<std::int64_t>(sql); }));
    }
    // A demo folder of these lines.
    std::filesystem::path folder_of(const std::string& lines) {
        std::ofstream(folder_ / "products.ndjson") << lines;
        return folder_;
    }
    std::string refusal_of(const std::string& lines) {
        try {
            load_from(folder_of(lines));
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "loaded";
    }

    std::filesystem::path folder_;
};
KONTOR_ON_BOTH_ENGINES(Demo);

TEST_P(Demo, LoadsOnceAndWhole) {
    Loaded first = load_from(shipped);
    EXPECT_EQ(first.products, 91U);
    EXPECT_EQ(first.variants, 175U);
    EXPECT_EQ(first.images, 178U);
    auto events = count("select count(*) from events");
    auto orders = count("select count(*) from orders");
    EXPECT_GT(orders, 0);

    Loaded second = load_from(shipped);
    EXPECT_EQ(second.products, 0U);
    EXPECT_EQ(count("select count(*) from events"), events) << "nothing changed";
    EXPECT_EQ(count("select count(*) from products"), 91);
    EXPECT_EQ(count("select count(*) from orders"), orders);
}

TEST_P(Demo, ShowsCategoriesPicturesAndPrices) {
    load_from(shipped);
    core::Caller guest;
    auto laptop = must(read([&](store::Tx& tx) {
        return catalog::get_product(tx, guest, {*catalog::ProductReference::from_text("laptop")});
    }));
    EXPECT_EQ(laptop.brand, "Apple");
    EXPECT_EQ(laptop.variants.size(), 4U);
    EXPECT_EQ(laptop.categories.at(0).name, "Computers");
    EXPECT_EQ(laptop.images.at(0).width, 1600);
    EXPECT_EQ(laptop.price_range.min.amount, 129900);
    media::Folder media_folder(folder_ / "media");
    std::string file = laptop.images.at(0).urls.original.substr(std::string("/media/").size());
    auto bytes = media_folder.find(file);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(),
              std::filesystem::file_size(shipped / "vendure/images/derick-david-409858-unsplash.jpg"));
    auto tree = must(read([&](store::Tx& tx) { return catalog::list_categories(tx, guest, {}); }));
    EXPECT_EQ(tree.data.size(), 8U);
}

TEST_P(Demo, SaysWhichLineIsWrong) {
    const std::string good =
        R"({"slug":"a","title":"A","status":"active","variants":[{"sku":"a","price":{"amount":1,"currency":"EUR"}}]})";
    EXPECT_EQ(refusal_of(good + "\n"), "loaded");
    std::string refusal = refusal_of(good + "\n\n{\"slug\":\"b\",\"title\":7,\"variants\":[]}\n");
    EXPECT_NE(refusal.find("products.ndjson:3: "), refusal.npos) << refusal;
    EXPECT_NE(refusal.find("/title"), refusal.npos) << refusal;
    refusal = refusal_of("{\"slug\":\"b\",\n");
    EXPECT_NE(refusal.find("products.ndjson:1: "), refusal.npos) << refusal;
    refusal = refusal_of(
        R"({"slug":"c","title":"C","variants":[{"sku":"c","price":{"amount":1,"currency":"EUR"},"options":{"Size":"S"}}]})");
    EXPECT_NE(refusal.find("products.ndjson:1: "), refusal.npos) << refusal;
    refusal = refusal_of(
        R"({"slug":"d","title":"D","variants":[{"sku":"d","price":{"amount":1,"currency":"EUR"}}],)"
        R"("images":[{"file":"no/such.webp","alt":"","width":1,"height":1}]})");
    EXPECT_NE(refusal.find("no/such.webp"), refusal.npos) << refusal;
    EXPECT_NE(refusal_of("").find("loaded"), std::string::npos);
}

}  // namespace
}  // namespace demo
