// Ready answers: given until their subject changes, never older than an announced change, bounded in size.
#include "http/kept.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace http {
namespace {

class KeptAnswers : public ::testing::Test {
protected:
    void keep(const std::string& key, const std::string& subject, std::size_t bytes = 10) {
        kept.keep(key, {Reply::json(200, std::string(bytes, 'x')), subject, Kept::never}, changes->latest());
    }
    std::unique_ptr<Changes> changes = std::make_unique<Changes>();
    Kept kept{*changes, 100'000};
    std::atomic<int> announced{0};
};

TEST_F(KeptAnswers, AreGivenUntilTheirSubjectChanges) {
    keep("/v1/products/a", "prd_a");
    keep("/v1/products/b", "prd_b");
    changes->announce("prd_a");
    EXPECT_EQ(kept.find("/v1/products/a"), nullptr);
    EXPECT_NE(kept.find("/v1/products/b"), nullptr);
}

TEST_F(KeptAnswers, AreAllDroppedByAChangeThatAnyMayShow) {
    keep("/v1/products/a", "prd_a");
    keep("/v1/products/b", "prd_b");
    changes->announce_all();
    EXPECT_EQ(kept.find("/v1/products/a"), nullptr);
    EXPECT_EQ(kept.find("/v1/products/b"), nullptr);
}

TEST_F(KeptAnswers, AreNotKeptIfTheirSubjectChangedWhileTheyWereRead) {
    auto seen = changes->latest();
    changes->announce("prd_a");
    changes->announce("prd_other");
    kept.keep("/v1/products/a", {Reply::json(200, "old"), "prd_a", Kept::never}, seen);
    EXPECT_EQ(kept.find("/v1/products/a"), nullptr);
}

TEST_F(KeptAnswers, AreKeptWhileOthersChange) {
    auto seen = changes->latest();
    changes->announce("prd_other");
    kept.keep("/v1/products/a", {Reply::json(200, "new"), "prd_a", Kept::never}, seen);
    EXPECT_NE(kept.find("/v1/products/a"), nullptr);
}

TEST_F(KeptAnswers, AreNeverOlderThanAnAnnouncedChange) {
    std::atomic<int> shop{0};  // what the database would show
    std::atomic<bool> done{false};
    std::vector<std::jthread> writers;
    for (int i = 0; i < 2; ++i)
        writers.emplace_back([&] {
            for (int n = 0; n < 50'000; ++n) {
                int written = ++shop;
                changes->announce("prd_a");
                announced.store(std::max(announced.load(), written));
            }
        });
    while (!done) {
        done = shop == 100'000;
        int must_show = announced;
        if (const Kept::Answer* answer = kept.find("k")) {
            ASSERT_GE(std::stoi(*answer->reply.body), must_show);
            continue;
        }
        auto seen = changes->latest();
        kept.keep("k", {Reply::json(200, std::to_string(shop.load())), "prd_a", Kept::never}, seen);
    }
}

TEST_F(KeptAnswers, DropTheLeastRecentlyUsedWhenFull) {
    for (int i = 0; i < 5; ++i)
        keep("k" + std::to_string(i), "s", 5'000);
    EXPECT_NE(kept.find("k0"), nullptr);
    for (int i = 5; i < 12; ++i)
        keep("k" + std::to_string(i), "s", 5'000);
    EXPECT_NE(kept.find("k11"), nullptr);
    EXPECT_EQ(kept.find("k1"), nullptr);
}

TEST_F(KeptAnswers, LeaveOutWhatIsTooLarge) {
    keep("large", "s", 50'000);
    EXPECT_EQ(kept.find("large"), nullptr);
}

}  // namespace
}  // namespace http
