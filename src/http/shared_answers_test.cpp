// Answers that nodes leave for each other: what is left, what is taken, and that nothing is trusted which no
// node has made.
#include "http/shared_answers.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <map>

namespace http {
namespace {

constexpr SharingKey key{1, 2, 3};
constexpr std::uint64_t bytes_max = 1000;

// What all nodes can reach.
struct Store {
    std::map<std::string, std::string> values;
    bool up = true;
    bool slow = false;

    AnswerCarrier carrier() {
        return {.is_up = [this] { return up; },
                .take =
                    [this](const std::string& name, const AnswerCarrier::Took& took) {
                        using Outcome = AnswerCarrier::Outcome;
                        if (slow) return took(Outcome::late, {});
                        auto found = values.find(name);
                        found == values.end() ? took(Outcome::missing, {})
                                              : took(Outcome::found, found->second);
                    },
                .put =
                    [this](const std::string& name, std::string bytes) {
                        values[name] = std::move(bytes);
                        return true;
                    }};
    }
};

class Node {
    std::unique_ptr<SharedAnswers> held_;  // too large for a stack

public:
    explicit Node(Store& store, std::string_view history = "one database")
        : held_(std::make_unique<SharedAnswers>(key, store.carrier(), bytes_max)), answers(*held_) {
        answers.begin(history, 0);
        hear({}, 100);
    }
    void hear(std::initializer_list<std::string_view> subjects, Place moment) {
        auto& places = answers.places();
        places.begin_look();
        auto logged = places.logged(moment);
        for (std::string_view subject : subjects)
            logged.announce(subject);
        places.end_look(moment);
    }
    bool put(const std::string& body, const std::string& request = "/v1/products/a") {
        return answers.put(request, "prd_a", body, answers.stamp());
    }
    // The body, if it may be used.
    std::optional<std::string> take(const std::string& request = "/v1/products/a") {
        boost::asio::io_context context;
        auto found = boost::asio::co_spawn(context, answers.find(request), boost::asio::use_future);
        context.run();
        auto entry = found.get();
        if (!entry || !answers.is_current(*entry)) return {};
        return entry->body;
    }

    SharedAnswers& answers;
};

TEST(SharedAnswers, AreTakenByANodeThatHasNotMadeThem) {
    Store store;
    Node a(store);
    Node b(store);
    EXPECT_EQ(b.take(), std::nullopt);
    EXPECT_TRUE(a.put("mug"));
    EXPECT_EQ(b.take(), "mug");
    EXPECT_EQ(b.take("/v1/products/b"), std::nullopt);
    EXPECT_EQ(b.answers.counts().taken, 1);
    EXPECT_EQ(b.answers.counts().missing, 2);
}

TEST(SharedAnswers, AreRefusedBehindAChangeUntilTheyArePutAnew) {
    Store store;
    Node a(store);
    Node b(store);
    EXPECT_TRUE(a.put("old"));
    b.answers.places().own().announce("prd_a");
    EXPECT_EQ(b.take(), std::nullopt);
    b.hear({"prd_a"}, 110);
    EXPECT_EQ(b.take(), std::nullopt);
    EXPECT_EQ(b.answers.counts().stale, 2);
    a.hear({"prd_a"}, 110);
    EXPECT_TRUE(a.put("new"));
    EXPECT_EQ(b.take(), "new");
}

TEST(SharedAnswers, AreNotPutWhileOthersWouldRefuseThem) {
    Store store;
    Node a(store);
    a.answers.places().own().announce("prd_a");
    EXPECT_FALSE(a.put("the log hasn't told it yet"));
    EXPECT_TRUE(store.values.empty());
}

TEST(SharedAnswers, AreNoAnswersIfSomebodyElseHasWrittenThem) {
    Store store;
    Node a(store);
    EXPECT_TRUE(a.put("mug"));
    for (const std::string& garbage : {std::string(), std::string("mug"), std::string(1'000, '\xff')}) {
        store.values.begin()->second = garbage;
        EXPECT_EQ(a.take(), std::nullopt);
    }
    EXPECT_EQ(a.answers.counts().broken, 3);
}

TEST(SharedAnswers, AreNotThoseOfAnotherHistory) {
    Store store;
    Node a(store);
    Node restored(store, "the same one as it was yesterday");
    EXPECT_TRUE(a.put("mug"));
    EXPECT_EQ(restored.take(), std::nullopt);
}

TEST(SharedAnswers, AreNotLookedForWhileNothingCarriesThem) {
    Store store;
    Node a(store);
    EXPECT_TRUE(a.put("mug"));
    store.slow = true;
    EXPECT_EQ(a.take(), std::nullopt);
    EXPECT_EQ(a.answers.counts().late, 1);
    store.up = false;
    EXPECT_EQ(a.take(), std::nullopt);
    EXPECT_FALSE(a.put("cup"));
    EXPECT_EQ(a.answers.counts().late, 1) << "nobody was asked";
}

TEST(SharedAnswers, ArePutUpToALimit) {
    Store store;
    Node a(store);
    EXPECT_TRUE(a.put(std::string(600, 'x'), "/v1/products/a"));
    EXPECT_FALSE(a.put(std::string(600, 'x'), "/v1/products/b"));
    EXPECT_TRUE(a.put(std::string(400, 'x'), "/v1/products/c"));
}

}  // namespace
}  // namespace http
