// A fresh, migrated database for each test, on both engines. A room's test file needs three lines:
//
//   class Cart : public support::OnBothEngines {};
//   KONTOR_ON_BOTH_ENGINES(Cart);
//   TEST_P(Cart, AddsUp) { auto cart = must(write([&](store::Tx& tx) { return open_cart(tx, …); })); … }
//
// The PostgreSQL half runs if KONTOR_TEST_POSTGRES holds the URL of a server where databases may be created
// (tools/with_postgres.sh starts one); otherwise it is left out.
#pragma once

#include "store/database.hpp"

#include <gtest/gtest.h>

namespace support {

// One database with the schema of all rooms, gone at the end.
class TestDatabase {
public:
    explicit TestDatabase(std::string_view engine, core::Clock& clock);
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    store::Database& operator*() { return *database_; }
    store::Database* operator->() { return database_.get(); }

    const std::string& url() const { return url_; }
    // Closes and opens it again, as a restart does.
    void reopen();

private:
    core::Clock& clock_;
    std::string url_;
    std::unique_ptr<store::Database> database_;
};

// An empty place for a database: no schema. For tests of migrations.
class EmptyDatabase {
public:
    explicit EmptyDatabase(std::string_view engine);
    ~EmptyDatabase();
    EmptyDatabase(const EmptyDatabase&) = delete;
    EmptyDatabase& operator=(const EmptyDatabase&) = delete;
    const std::string& url() const { return url_; }

private:
    std::string url_;
};

class OnBothEngines : public testing::TestWithParam<std::string_view> {
protected:
    void SetUp() override;

    bool on_postgres() const { return GetParam() == "postgres"; }
    store::Database& db() { return **database_; }
    TestDatabase& test_database() { return *database_; }

    // write([&](store::Tx& tx) { return place_order(tx, caller, command); }) is a core::Result<Order>.
    template <class F>
    auto write(F work) {
        return store::write_now(db(), std::move(work));
    }
    template <class F>
    auto read(F work) {
        return store::read_now(db(), std::move(work));
    }

    core::Clock clock;

private:
    std::optional<TestDatabase> database_;
};

// The value of a result that has to be good; an error ends the test with its code.
template <class T>
T must(core::Result<T> result) {
    if (!result) {
        throw std::runtime_error("expected a value, got " + std::string(core::name_of(result.error().code)) +
                                 ": " + result.error().detail);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The code of a result that has to be an error.
template <class T>
core::ErrorCode error_code(const core::Result<T>& result) {
    if (result) throw std::runtime_error("expected an error, got a value");
    return result.error().code;
}

// "sqlite", and "postgres" if there is a server for tests.
std::vector<std::string_view> engines();

}  // namespace support

#define KONTOR_ON_BOTH_ENGINES(Suite)                                          \
    INSTANTIATE_TEST_SUITE_P(, Suite, testing::ValuesIn(::support::engines()), \
                             [](const auto& info) { return std::string(info.param); })
