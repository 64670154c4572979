// What `kontor copy` rests on: that places in the event log stay what they were, and that a difference is
// found. The whole of it, between two engines and under load: tests/stress/moving.test.mjs.
#include "backup/comparison.hpp"
#include "backup/places.hpp"

#include <gtest/gtest.h>

#include <set>

namespace backup {
namespace {

using store::Values;

const store::Table things{.name = "things",
                          .columns = {{"id", false}, {"word", true}},
                          .key = {"id"},
                          .refers_to = {},
                          .numbered = {}};

class Given final : public store::Rows {
public:
    explicit Given(std::vector<Values> rows) : rows_(std::move(rows)) {}
    bool next(Values& row) override {
        if (at_ == rows_.size()) return false;
        row = rows_[at_++];
        return true;
    }

private:
    std::vector<Values> rows_;
    std::size_t at_ = 0;
};

Values thing(std::int64_t id, std::string word) {
    return {id, std::move(word)};
}

std::string difference(std::vector<Values> expected, std::vector<Values> found) {
    Given source(std::move(expected));
    Given target(std::move(found));
    try {
        compare(things, source, target);
    } catch (const std::runtime_error& refused) {
        return refused.what();
    }
    return "none";
}

TEST(Comparison, FindsTheRowThatDiffers) {
    const std::vector<Values> rows{thing(1, "a"), thing(2, "b"), thing(4, "c")};
    EXPECT_EQ(difference(rows, rows), "none");
    EXPECT_EQ(difference({}, {}), "none");
    EXPECT_TRUE(difference(rows, {rows[0], rows[2]}).contains("row 2 of things is missing"));
    EXPECT_TRUE(difference(rows, {rows[0], rows[1]}).contains("row 4 of things is missing"));
    EXPECT_TRUE(difference({rows[0]}, rows).contains("row 2 of things was not in the source"));
    EXPECT_TRUE(difference(rows, {rows[0], thing(2, "B"), rows[2]})
                    .contains("row 2 of things has another value in the column word"));
    EXPECT_TRUE(difference({thing(1, "")}, {{std::int64_t{1}, std::monostate{}}}).contains("column word"))
        << "null is no text";
    EXPECT_FALSE(difference({thing(1, "secret")}, {thing(1, "other")}).contains("secret"));
}

TEST(Comparison, RowsThatMoveComeAtTheirNewPlace) {
    auto rows = std::make_unique<Given>(
        std::vector<Values>{thing(1, "a"), thing(2, "b"), thing(3, "c"), thing(4, "d")});
    ChangedRows changed(std::move(rows), things, [](Values& row) {
        auto& id = std::get<std::int64_t>(row[0]);
        if (id < 3) id = 10 - id;
    });
    std::vector<std::int64_t> ids;
    for (Values row; changed.next(row);)
        ids.push_back(std::get<std::int64_t>(row[0]));
    EXPECT_EQ(ids, (std::vector<std::int64_t>{3, 4, 8, 9}));
}

TEST(PlacesInTheLog, StayWhereTheOrdersAgree) {
    const auto places = find_places({{7, 1}, {7, 2}, {8, 3}, {9, 4}}, {{0, 0}, {7, 2}, {9, 4}}, 6);
    EXPECT_TRUE(places.new_ids.empty());
    EXPECT_EQ(places.cursors.at({0, 0}), 0);
    EXPECT_EQ(places.cursors.at({7, 2}), 2);
    EXPECT_EQ(places.cursors.at({9, 4}), 4);
    EXPECT_EQ(places.last, 6) << "ids that were given out are not used again";
}

// Whatever the orders are, a cursor has behind it what it had, and before it what it had.
TEST(PlacesInTheLog, NothingIsSkippedOrReadTwice) {
    unsigned seed = 1;
    const auto random = [&](unsigned below) { return (seed = seed * 1103515245 + 12345) / 65536 % below; };
    for (int round = 0; round < 500; ++round) {
        std::vector<Position> log;
        for (std::int64_t id = 1; id <= 30; ++id)
            log.push_back({id + random(8), id});
        std::vector<Position> cursors{{0, 0}};
        for (int i = 0; i < 3; ++i)
            cursors.push_back(log[random(30)]);
        const auto places = find_places(log, cursors, 30);
        std::set<std::int64_t> ids;
        for (const Position& event : log) {
            const std::int64_t id = places.id_of(event.id);
            EXPECT_TRUE(ids.insert(id).second) << "two events have one id";
            EXPECT_LE(id, places.last);
            for (const Position& cursor : cursors) {
                const bool was_behind =
                    std::pair(event.transaction, event.id) > std::pair(cursor.transaction, cursor.id);
                EXPECT_EQ(id > places.cursors.at({cursor.transaction, cursor.id}), was_behind)
                    << "round " << round;
            }
        }
    }
}

}  // namespace
}  // namespace backup
