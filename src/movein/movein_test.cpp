// Documents of a Mongoose shop as this shop reads them; whole dumps are tested through the program.
#include "movein/queries.hpp"
#include "movein/translate.hpp"

#include "support/test_database.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

namespace movein {
namespace {

constexpr std::string_view some_id = "5ccd0000ee65f1c0ffee65f1";  // made on 2019-05-04

boost::json::object document(std::string_view json) {
    return boost::json::parse(json).as_object();
}

Mapping in_euros() {
    Mapping mapping;
    mapping.currency = core::Currency::trusted("EUR");
    mapping.country = core::CountryCode::trusted("DE");
    return mapping;
}

Translated product(std::string_view json, const Mapping& mapping = in_euros(), const NamesThere& names = {}) {
    return translate_product(document(json), mapping, Vocabulary(mapping), names, some_id);
}

Translated order(std::string_view json, const Mapping& mapping = in_euros()) {
    return translate_order(document(json), mapping, Vocabulary(mapping), some_id);
}

std::string codes(const std::vector<Remark>& remarks) {
    std::string text;
    for (const Remark& remark : remarks)
        text += (text.empty() ? "" : " ") + remark.code;
    return text;
}

std::string price_in(std::string_view price, const Mapping& mapping = in_euros()) {
    const auto read = product(R"({"name": "A", "stock": 1, "price": )" + std::string(price) + "}", mapping);
    if (!read.remarks.errors.empty()) return codes(read.remarks.errors);
    return boost::json::serialize(read.wanted.at("variants").at(0).at("price").at("amount"));
}

TEST(MoveIn, PricesOfEveryTypeBecomeMinorUnits) {
    EXPECT_EQ(price_in("19"), "1900");
    EXPECT_EQ(price_in("19.99"), "1999");
    EXPECT_EQ(price_in("59.970000000000006"), "5997");
    EXPECT_EQ(price_in(R"({"$numberDecimal": "1E+2"})"), "10000");
    EXPECT_EQ(price_in(R"("24.50")"), "2450");
    EXPECT_EQ(price_in(R"({"amount": 3})"), "300");
    EXPECT_EQ(price_in("0"), "0");
    EXPECT_EQ(price_in("-1"), "out_of_range required");
    EXPECT_EQ(price_in(R"({"$numberDouble": "NaN"})"), "wrong_type required");
    EXPECT_EQ(price_in(R"("12,50")"), "wrong_type required");
    EXPECT_EQ(price_in("1e300"), "out_of_range required");
    Mapping minor = in_euros();
    minor.prices = PriceUnit::minor;
    EXPECT_EQ(price_in("1999", minor), "1999");
    Mapping yen;
    yen.currency = core::Currency::trusted("JPY");
    EXPECT_EQ(price_in("1500", yen), "1500");
    EXPECT_EQ(price_in("1500", Mapping()), "currency_missing");
}

TEST(MoveIn, AStatusIsAWordAFlagOrADate) {
    const auto status = [](std::string_view members) {
        const auto read =
            order(R"({"items": [{"name": "A", "qty": 1, "price": 1}], "address": {"country": "DE"}, )" +
                  std::string(members) + "}");
        if (!read.remarks.errors.empty()) return codes(read.remarks.errors);
        return std::string(read.wanted.at("status").as_string()) + " " +
               std::string(read.wanted.at("payment_status").as_string());
    };
    EXPECT_EQ(status(R"("status": "Out for Delivery", "isPaid": true)"), "shipped paid");
    EXPECT_EQ(status(R"("status": "Not processed")"), "pending unpaid");
    EXPECT_EQ(status(R"("isPaid": true)"), "processing paid");
    EXPECT_EQ(status(R"("status": "pending", "isDelivered": true)"), "delivered unpaid");
    EXPECT_EQ(status(R"("deliveredAt": {"$date": "2020-01-01T00:00:00Z"})"), "delivered unpaid");
    EXPECT_EQ(status(R"("status": "refunded")"), "cancelled refunded");
    EXPECT_EQ(status(R"("orderStatus": "Cancelled", "isDelivered": true)"), "cancelled unpaid");
    EXPECT_EQ(status(R"("paymentStatus": "partially_refunded")"), "pending partially_refunded");
    EXPECT_EQ(status(R"("status": "beamed up")"), "status_unknown");
    EXPECT_EQ(status(R"("paymentStatus": "in doubt")"), "status_unknown");
    EXPECT_EQ(status(R"("isPaid": "perhaps")"), "wrong_type");
}

TEST(MoveIn, BrandsAndCategoriesMayHaveTheSameIds) {
    const NamesThere names{.categories = {{"1", {"Shoes"}}}, .brands = {{"1", {"Nike"}}}};
    const auto read =
        product(R"({"name": "A", "price": 5, "stock": 1, "category": 1, "brand": 1})", in_euros(), names);
    EXPECT_EQ(read.wanted.at("categories").at(0).as_string(), "Shoes");
    EXPECT_EQ(read.wanted.at("brand").as_string(), "Nike");
}

TEST(MoveIn, ATimeIsOneThatCanBeWritten) {
    const auto time = [](std::string_view json) {
        const auto read = time_in(boost::json::parse(json));
        return read ? core::to_rfc3339(*read) : std::string("none");
    };
    EXPECT_EQ(time(R"({"$date": {"$numberLong": "1577836800000"}})"), "2020-01-01T00:00:00.000Z");
    EXPECT_EQ(time("1577836800000.0"), "2020-01-01T00:00:00.000Z");
    for (const char* beyond :
         {R"({"$date": {"$numberLong": "9223372036854775807"}})", R"({"$date": {"$numberLong": "1e300"}})",
          R"({"$date": {"$numberLong": "-1"}})", "1e300", "-1"})
        EXPECT_EQ(time(beyond), "none") << beyond;
}

TEST(MoveIn, AFlagMayBeANumberOfAnyKind) {
    EXPECT_EQ(flag_in(boost::json::parse("1.0")), true);
    EXPECT_EQ(flag_in(boost::json::parse("0.0")), false);
    EXPECT_EQ(flag_in(boost::json::parse("1")), true);
    EXPECT_EQ(flag_in(boost::json::parse("[]")), std::nullopt);
}

TEST(MoveIn, AnOrderWithoutADateIsAsOldAsItsId) {
    const auto read = order(R"({"items": [{"name": "A", "qty": 1, "price": 1}]})");
    EXPECT_TRUE(std::string_view(read.wanted.at("created_at").as_string()).starts_with("2019-05-04"));
    EXPECT_EQ(codes(read.remarks.notes), "address_missing");
}

TEST(MoveIn, VariantsAreToldApartHoweverTheyAreWritten) {
    const auto options = [](std::string_view variants) {
        const auto read = product(R"({"name": "A", "price": 5, "variants": )" + std::string(variants) + "}");
        if (!read.remarks.errors.empty()) return codes(read.remarks.errors);
        return boost::json::serialize(read.wanted.at("options"));
    };
    constexpr const char* sizes = R"([{"name":"Size","values":["S","L"]}])";
    EXPECT_EQ(options(R"([{"size": "S", "stock": 1}, {"size": "L", "stock": 1}])"), sizes);
    EXPECT_EQ(options(R"([{"options": {"Size": "S"}, "stock": 1}, {"options": {"Size": "L"}, "stock": 1}])"),
              sizes);
    EXPECT_EQ(options(R"([{"attributes": [{"name": "Size", "value": "S"}], "stock": 1},
                          {"attributes": [{"name": "Size", "value": "L"}], "stock": 1}])"),
              sizes);
    EXPECT_EQ(
        options(
            R"([{"name": "Size", "value": "S", "stock": 1}, {"name": "Size", "value": "L", "stock": 1}])"),
        sizes);
    EXPECT_EQ(options(R"([{"title": "Small", "stock": 1}, {"title": "Large", "stock": 1}])"),
              R"([{"name":"Variant","values":["Small","Large"]}])");
    EXPECT_EQ(options(R"([{"size": "S", "stock": 1}, {"size": "L", "color": "Red", "stock": 1}])"),
              R"([{"name":"Size","values":["S","L"]},{"name":"Color","values":["Standard","Red"]}])");
    EXPECT_EQ(options(R"([{"stock": 1}, {"stock": 1}])"), "options_missing");
}

TEST(MoveIn, CategoriesInACircleDontTurnForEver) {
    const auto paths = category_paths(
        {{"a", {"A", "b"}}, {"b", {"B", "a"}}, {"c", {"C", "gone"}}, {"d", {"D", "c"}}, {"e", {"E", "e"}}});
    EXPECT_EQ(paths.at("a"), (std::vector<std::string>{"A"}));
    EXPECT_EQ(paths.at("d"), (std::vector<std::string>{"C", "D"}));
    EXPECT_EQ(paths.at("e"), (std::vector<std::string>{"E"}));
}

TEST(MoveIn, CategoriesAreNamedByIdByNameOrWhole) {
    const NamesThere names{.categories = {{std::string(some_id), {"Kitchen", "Kettles"}}}, .brands = {}};
    const auto categories = [&](std::string_view category) {
        return boost::json::serialize(
            product(R"({"name": "A", "price": 1, "stock": 1, "category": )" + std::string(category) + "}",
                    in_euros(), names)
                .wanted.at("categories"));
    };
    EXPECT_EQ(categories(R"({"$oid": "5ccd0000ee65f1c0ffee65f1"})"), R"(["Kitchen > Kettles"])");
    EXPECT_EQ(categories(R"([{"$oid": "5ccd0000ee65f1c0ffee65f1"}, "Sale"])"),
              R"(["Kitchen > Kettles","Sale"])");
    EXPECT_EQ(categories(R"({"_id": {"$oid": "0ccd0000ee65f1c0ffee65f1"}, "name": "Tea > hot"})"),
              R"(["Tea \\> hot"])");
}

TEST(MoveIn, ACountryIsACodeOrWhatTheMappingSays) {
    Mapping mapping = in_euros();
    mapping.countries.emplace("Deutschland", core::CountryCode::trusted("DE"));
    const Vocabulary words(mapping);
    const auto country = [&](std::string_view json) {
        Remarks remarks;
        const auto address = translate_address(document(json), mapping, words.addresses, "It", remarks);
        return address ? std::string(address->at("country").as_string()) : remarks.errors.front().code;
    };
    EXPECT_EQ(country(R"({"country": "fr"})"), "FR");
    EXPECT_EQ(country(R"({"country": "Deutschland"})"), "DE");
    EXPECT_EQ(country(R"({"city": "Bonn"})"), "DE");
    EXPECT_EQ(country(R"({"country": "Atlantis"})"), "country_unknown");
}

class MovedIn : public support::OnBothEngines {};
KONTOR_ON_BOTH_ENGINES(MovedIn);

TEST_P(MovedIn, IsRememberedByKindAndOldId) {
    support::must(write([](store::Tx& tx) -> core::Result<void> {
        queries::remember(tx, "users", {"1", "usr_a", "d1"});
        queries::remember(tx, "users", {"1", "usr_a", "d2"});
        queries::remember(tx, "users", {"2", "usr_a", "d"});
        queries::remember(tx, "orders", {"1", "ord_a", "d"});
        return {};
    }));
    support::must(read([](store::Tx& tx) -> core::Result<void> {
        EXPECT_EQ(queries::find_moved(tx, "users", "1")->digest, "d2");
        EXPECT_FALSE(queries::find_moved(tx, "users", "3"));
        EXPECT_EQ(queries::list_moved(tx, "users", {"1", "2", "3"}).size(), 2U);
        EXPECT_EQ(queries::find_twin(tx, "users", "usr_a", "1"), "2");
        EXPECT_FALSE(queries::find_twin(tx, "orders", "ord_a", "1"));
        return {};
    }));
}

}  // namespace
}  // namespace movein
