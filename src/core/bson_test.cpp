// Documents of mongodump's files, whole ones and others.
#include "core/bson.hpp"

#include <bson/bson.h>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

namespace core {
namespace {

std::string bytes_of_json(const char* json) {
    bson_error_t failure;
    bson_t* document = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json), -1, &failure);
    std::string bytes(reinterpret_cast<const char*>(bson_get_data(document)), document->len);
    bson_destroy(document);
    return bytes;
}

// {"d": {"d": … {}}}, deeper than libbson's own reader of JSON goes.
std::string nested(int levels) {
    std::string bytes("\x05\0\0\0\0", 5);
    for (int i = 0; i < levels; ++i) {
        bytes.insert(0,
                     "\x03"
                     "d\0",
                     3);
        bytes += '\0';
        const auto length = BSON_UINT32_TO_LE(static_cast<std::uint32_t>(bytes.size() + 4));
        bytes.insert(0, reinterpret_cast<const char*>(&length), sizeof length);
    }
    return bytes;
}

BsonReader reader_of(std::string bytes, std::size_t piece = 7) {
    return BsonReader([bytes = std::move(bytes), piece, at = std::size_t{0}](std::span<char> room) mutable {
        const std::size_t size = std::min({room.size(), piece, bytes.size() - at});
        bytes.copy(room.data(), size, at);
        at += size;
        return size;
    });
}

std::string damage_of(std::string bytes) {
    auto reader = reader_of(std::move(bytes));
    try {
        while (reader.next()) {
        }
    } catch (const DamagedBson& damaged) {
        return damaged.what();
    }
    return {};
}

TEST(BsonReader, GivesDocumentsAsExtendedJson) {
    auto reader = reader_of(
        bytes_of_json(
            R"({"_id": {"$oid": "65f1c0ffee65f1c0ffee65f1"}, "price": {"$numberDecimal": "19.99"}, "n": 3, "d": 2.5})") +
        bytes_of_json(R"({"_id": 7, "at": {"$date": "2019-05-04T03:02:01.000Z"}})"));
    auto first = reader.next();
    ASSERT_TRUE(first && first->members);
    EXPECT_EQ(
        boost::json::serialize(*first->members),
        R"({"_id":{"$oid":"65f1c0ffee65f1c0ffee65f1"},"price":{"$numberDecimal":"19.99"},"n":3,"d":2.5E0})");
    EXPECT_EQ(first->id, "65f1c0ffee65f1c0ffee65f1");
    auto second = reader.next();
    ASSERT_TRUE(second && second->members);
    EXPECT_EQ(second->number, 2);
    EXPECT_EQ(second->id, "7");
    EXPECT_GT(second->offset, 0U);
    EXPECT_FALSE(reader.next());
}

TEST(BsonReader, TellsOfADocumentThatIsBrokenInsideAndGoesOn) {
    std::string text = bytes_of_json(R"({"_id": "a", "name": "Somebody"})");
    text[text.find("Somebody")] = '\xff';
    std::string type = bytes_of_json(R"({"_id": "b", "name": "x"})");
    type[type.find("name") - 1] = '\x55';  // no type of BSON
    std::string inner = bytes_of_json(R"({"_id": "c", "in": {"a": 1}})");
    inner[inner.find("in") + 3] = '\x70';  // a length beyond the whole
    auto reader = reader_of(text + type + inner + nested(150) + bytes_of_json(R"({"_id": "z"})"));
    for (const char* id : {"a", "b", "c", ""}) {
        auto document = reader.next();
        ASSERT_TRUE(document);
        ASSERT_FALSE(document->members) << id;
        EXPECT_EQ(document->members.error().code, "invalid_bson");
        EXPECT_EQ(document->id, id);
    }
    auto last = reader.next();
    ASSERT_TRUE(last && last->members);
    EXPECT_EQ(last->id, "z");
}

TEST(BsonReader, StopsWhereNobodyKnowsWhereTheNextOneBegins) {
    const std::string whole = bytes_of_json(R"({"_id": 1})");
    EXPECT_EQ(damage_of(whole), "");
    EXPECT_EQ(damage_of(""), "");
    EXPECT_TRUE(damage_of(whole + whole.substr(0, 10)).contains("behind document 1"));
    EXPECT_TRUE(damage_of(whole + "ab").contains("in the middle of a length"));
    for (const std::string& length : {std::string("\x04\0\0\0", 4), std::string("\xff\xff\xff\xff", 4),
                                      std::string("\xff\xff\xff\x7f", 4), std::string("\0\0\0\0", 4)})
        EXPECT_TRUE(damage_of(length + whole).contains("behind document 0, at byte 0")) << length;
}

}  // namespace
}  // namespace core
