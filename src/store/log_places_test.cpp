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
