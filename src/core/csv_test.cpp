// CSV in and out (RFC 4180), and what spreadsheets make of it.
#include "core/csv.hpp"

#include <gtest/gtest.h>

namespace core {
namespace {

using Records = std::vector<std::vector<std::string>>;

// In pieces of that size, so that everything is cut somewhere.
Records records_of(std::string text, std::size_t piece = 1 << 16) {
    CsvReader reader([text = std::move(text), piece, at = std::size_t{0}](std::span<char> room) mutable {
        const std::size_t size = std::min({room.size(), piece, text.size() - at});
        text.copy(room.data(), size, at);
        at += size;
        return size;
    });
    Records records;
    for (std::vector<std::string> cells; reader.next(cells);)
        records.push_back(cells);
    return records;
}

TEST(Csv, ReadsQuotesLineEndsAndSeparators) {
    const std::string text = "a,b,c\r\n1,\"two, and\r\nmore\",\"say \"\"so\"\"\"\n,,\nlast,24\" lamp,\"\"";
    const Records expected{
        {"a", "b", "c"}, {"1", "two, and\r\nmore", "say \"so\""}, {"", "", ""}, {"last", "24\" lamp", ""}};
    EXPECT_EQ(records_of(text), expected);
    for (std::size_t piece = 1; piece < 8; ++piece)
        EXPECT_EQ(records_of(text + "\n", piece), expected) << piece;
}

TEST(Csv, TakesWhatSpreadsheetsWrite) {
    EXPECT_EQ(records_of("\xEF\xBB\xBFslug;price\na;1,50\n"), (Records{{"slug", "price"}, {"a", "1,50"}}));
    EXPECT_EQ(records_of("slug\tprice\na\t1\n"), (Records{{"slug", "price"}, {"a", "1"}}));
    EXPECT_EQ(records_of(""), Records{});
    EXPECT_EQ(records_of("only\n\n"), (Records{{"only"}, {""}}));
}

TEST(Csv, SaysWhereARecordBeganAndThatOneHasNoEnd) {
    const std::string text = "a\n\"x\ny\"\nz\n";
    std::size_t at = 0;
    CsvReader reader([&](std::span<char> room) {
        const std::size_t size = text.copy(room.data(), room.size(), at);
        at += size;
        return size;
    });
    std::vector<std::string> cells;
    std::vector<std::int64_t> lines;
    while (reader.next(cells))
        lines.push_back(reader.line());
    EXPECT_EQ(lines, (std::vector<std::int64_t>{1, 2, 4}));
    EXPECT_THROW(records_of("a\n\"" + std::string(csv_record_bytes_max + 10, 'x')), EndlessRecord);
}

TEST(Csv, ReadsWhatItWrites) {
    const Records records{
        {"plain", "with, comma", "with \"quotes\"", "two\nlines", " padded ", "", "a;b", "\ttab"}};
    std::string text;
    for (const auto& record : records)
        add_csv_record(text, record);
    EXPECT_EQ(records_of("1,2,3,4,5,6,7,8\n" + text).back(), records.front());
}

}  // namespace
}  // namespace core
