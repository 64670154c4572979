// What programs on one PostgreSQL can say of its log to each other.
#include "store/log_places.hpp"

#include "support/test_database.hpp"

namespace store {
namespace {

using support::must;

class LogPlaces : public support::OnBothEngines {
protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        if (!on_postgres()) GTEST_SKIP() << "SQLite's log is one program's";
    }
    void append(const std::string& subject) {
        must(write([&](Tx& tx) { tx.append_event("thing.happened", subject); }));
    }
    Shown shown_now() {
        return shown_by(must(read([&](Tx& tx) { return db().this_moment(tx); })));
    }
    std::vector<PlacedEvent> last_events(int limit) {
        return must(read([&](Tx& tx) { return list_last_events(tx, limit); }));
    }
};
KONTOR_ON_BOTH_ENGINES(LogPlaces);

TEST_P(LogPlaces, GrowAlongTheLog) {
    append("a");
    const Shown behind_a = shown_now();
    append("b");
    auto events = last_events(2);
    ASSERT_EQ(events.size(), 2);
    EXPECT_EQ(events[0].subject, "b");
    EXPECT_EQ(events[1].subject, "a");
    EXPECT_LT(events[1].transaction_id, behind_a.begun_below);
    EXPECT_GE(events[0].transaction_id, behind_a.ended_below);
    EXPECT_EQ(last_events(1).front().subject, "b");
}

TEST_P(LogPlaces, BelongToADatabaseUntilItsLogIsMadeAnew) {
    auto name = [&] { return must(read([](Tx& tx) { return name_of_database(tx); })); };
    const std::string first = name();
    append("a");
    EXPECT_EQ(name(), first);
    support::TestDatabase other("postgres", clock);
    EXPECT_NE(must(read_now(*other, [](Tx& tx) { return name_of_database(tx); })), first);
    must(write([](Tx& tx) { tx.run("truncate events"); }));
    EXPECT_NE(name(), first);
}

TEST_P(LogPlaces, BelongToARunOfTheServer) {
    const std::string first = shown_now().run;
    append("a");
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(shown_now().run, first);
    // As a crash does, which forgets what was counted.
    must(write(
        [](Tx& tx) { tx.visit([](const RowView&) {}, "select pg_stat_reset_shared('bgwriter')::text"); }));
    EXPECT_NE(shown_now().run, first);
}

// A snapshot of the primary shows as ended what was rolled back there, of which its standby may know nothing:
// once promoted it gives these numbers again. So does a server that crashed.
TEST_P(LogPlaces, OfALostServerHideNoNews) {
    auto news_since = [&](const Database::Moment& moment) {
        auto news = must(read([&](Tx& tx) { return db().news_since(tx, moment, 10); }));
        std::vector<std::string> subjects;
        for (auto& event : news.events)
            subjects.push_back(event.subject);
        return std::pair(subjects, news.moment);
    };
    append("before");
    auto heard = must(read([&](Tx& tx) { return db().this_moment(tx); }));
    const auto rolled_back = std::to_string(shown_by(heard).begun_below + 1000);
    heard.seen.snapshot = rolled_back + ':' + rolled_back + ": a lost server";
    append("after");
    append("again");
    auto [subjects, moment] = news_since(heard);
    EXPECT_EQ(subjects, (std::vector<std::string>{"after", "again"}));
    EXPECT_TRUE(news_since(moment).first.empty());
}

TEST(LogPlace, OfAMomentIsRead) {
    const Shown shown = shown_by({.seen = {"10:20:10,12 1790000000.25"}});
    EXPECT_EQ(shown.ended_below, 10);
    EXPECT_EQ(shown.begun_below, 20);
    EXPECT_EQ(shown.run, "1790000000.25");
    EXPECT_EQ(shown_by({.seen = {"10:20: x"}, .until = {{"30:40: x"}}}).begun_below, 40)
        << "what is being given";
    for (const char* text : {"", "10", "10:", "10:20", "10:20 x", "10:20:", "a:b: x", ":20: x"})
        EXPECT_THROW(shown_by({.seen = {text}}), std::logic_error) << text;
}

}  // namespace
}  // namespace store
