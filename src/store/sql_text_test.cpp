// The rewriting for SQLite touches parameters and lists, and nothing that merely looks like them.
#include "store/sql_text.hpp"

#include <gtest/gtest.h>

namespace store {
namespace {

TEST(SqlText, NumbersParameters) {
    EXPECT_EQ(for_sqlite("select $2, $1, $12"), "select ?2, ?1, ?12");
    EXPECT_EQ(for_sqlite("select $x, $"), "select $x, $");
}

TEST(SqlText, TurnsListsIntoJson) {
    EXPECT_EQ(for_sqlite("where a = any($1)"), "where a  in (select value from json_each(?1))");
    EXPECT_EQ(
        for_sqlite("where a=ANY ( $10 ) and b <> all($2)"),
        "where a in (select value from json_each(?10)) and b  not in (select value from json_each(?2))");
}

TEST(SqlText, LeavesOtherComparisonsAlone) {
    for (std::string_view same :
         {"a <= any_name", "a >= all_of", "a = anything", "a <> b", "a = any(select 1)", "a ="}) {
        EXPECT_EQ(for_sqlite(same), same);
    }
}

TEST(SqlText, LeavesLiteralsNamesAndCommentsAlone) {
    for (std::string_view same :
         {"'$1 = any($1)'", "'it''s $1'", "\"$1\"", "-- $1\n", "/* $1 */", "'open $1", "-- $1"}) {
        EXPECT_EQ(for_sqlite(same), same);
    }
    EXPECT_EQ(for_sqlite("'$1' || $1 -- $1\n, $2"), "'$1' || ?1 -- $1\n, ?2");
}

TEST(SqlText, LeavesOutRowLocks) {
    EXPECT_EQ(for_sqlite("(select id from a where b = $1 limit 1\nFOR update skip  locked) x"),
              "(select id from a where b = ?1 limit 1) x");
    for (std::string_view same : {"a for update", "a = ' for update skip locked'", " for"})
        EXPECT_EQ(for_sqlite(same), same);
}

TEST(SqlText, WritesArrays) {
    std::vector<std::string> values{"a", R"(q"b\c)", "{,}", ""};
    EXPECT_EQ(json_array(values), R"(["a","q\"b\\c","{,}",""])");
    EXPECT_EQ(postgres_array(values), R"({"a","q\"b\\c","{,}",""})");
    EXPECT_EQ(json_array({}), "[]");
    EXPECT_EQ(postgres_array({}), "{}");
}

}  // namespace
}  // namespace store
