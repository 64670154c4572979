// Generations of shipped log, in a time that the test makes. Whole servers, killed and under load:
// tests/stress/shipping.test.mjs.
#include "backup/shipper.hpp"

#include "backup/generation.hpp"
#include "backup/moment.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace backup {
namespace {

namespace fs = std::filesystem;
using support::must;

class Shipping : public testing::Test {
protected:
    Shipping() : database("sqlite", clock), shipper(settings(), *database, clock) { shipper.start(); }
    ~Shipping() override {
        shipper.stop();
        fs::remove_all(folder);
    }

    ShipSettings settings() {
        std::string name = (fs::temp_directory_path() / "kontor-shipping-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        ShipSettings made;
        made.shop = {folder / "data", database.url()};
        made.into = folder / "shipped";
        made.kept = std::chrono::hours(30);
        return made;
    }
    void note(const std::string& subject) {
        must(store::write_now(*database, [&](store::Tx& tx) { tx.append_event("thing.happened", subject); }));
    }
    // Not longer than 20 s.
    template <class F>
    bool eventually(F condition) {
        auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }
    bool has_generations(std::size_t count) {
        return eventually([&] { return list_generations(folder / "shipped").size() == count; });
    }
    bool all_is_shipped() {
        return eventually([&] { return shipper.lag().count() == 0; });
    }
    // The subjects of the events at that moment, one behind the other.
    std::string events_at(std::optional<core::Time> moment) {
        const Place place{folder / "twin", "sqlite:" + (folder / "twin" / "kontor.db").string()};
        fs::remove_all(place.data);
        const auto restored = restore_moment(folder / "shipped", moment, place, clock);
        EXPECT_EQ(restored.faults, std::vector<std::string>{});
        store::Options options;
        options.url = place.database;
        auto twin = store::Database::open(options, clock);
        std::string subjects;
        for (const auto& event :
             must(store::read_now(*twin, [&](store::Tx& tx) { return twin->events_after(tx, {}, 100); })))
            subjects += event.event.subject;
        return subjects;
    }

    core::Clock clock;
    fs::path folder;
    support::TestDatabase database;
    Shipper shipper;
};

TEST_F(Shipping, AFreshCopyEveryDayLeavesNoGap) {
    ASSERT_TRUE(has_generations(1));
    note("a");
    ASSERT_TRUE(all_is_shipped());
    const core::Time first = clock.now();
    std::vector<core::Time> days;
    for (const char* subject : {"b", "c", "d"}) {
        clock.advance(std::chrono::hours(10));
        note(subject);
        ASSERT_TRUE(all_is_shipped());
        days.push_back(clock.now());
    }
    ASSERT_TRUE(has_generations(2));
    EXPECT_EQ(events_at(first), "a");
    EXPECT_EQ(events_at(days[0]), "ab");
    EXPECT_EQ(events_at(days[0] + std::chrono::hours(5)), "ab") << "nothing happened in between";
    EXPECT_EQ(events_at(days[1]), "abc");
    EXPECT_EQ(events_at({}), "abcd");
    EXPECT_TRUE(list_generations(folder / "shipped").front().is_complete());
    EXPECT_THROW(events_at(first - std::chrono::hours(1)), std::runtime_error);
}

TEST_F(Shipping, WhatNoMomentNeedsGoes) {
    ASSERT_TRUE(has_generations(1));
    for (int day = 0; day < 4; ++day) {
        note("x");
        ASSERT_TRUE(all_is_shipped());
        clock.advance(std::chrono::hours(25));
        const auto before = list_generations(folder / "shipped").back().began_at;
        ASSERT_TRUE(
            eventually([&] { return list_generations(folder / "shipped").back().began_at > before; }));
    }
    // 30 hours back the generation before the last but one was in use.
    EXPECT_TRUE(has_generations(3));
    EXPECT_EQ(events_at({}), "xxxx");
}

}  // namespace
}  // namespace backup
