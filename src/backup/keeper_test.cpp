// Nodes that share a folder for backups: a node's clock is the test's, its shop a SQLite database.
#include "backup/keeper.hpp"

#include "backup/turn.hpp"

#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace backup {
namespace {

namespace fs = std::filesystem;

class SharedFolder : public testing::Test {
protected:
    SharedFolder() : database("sqlite", clock) {
        std::string name = (fs::temp_directory_path() / "kontor-backups-XXXXXX").string();
        folder = ::mkdtemp(name.data());
    }
    ~SharedFolder() override { fs::remove_all(folder); }

    KeeperSettings settings() {
        return {.shop = {folder / "data", database.url()},
                .into = folder / "backups",
                .every = std::chrono::hours(24)};
    }
    std::size_t count_backups() {
        auto is_backup = [](const auto& entry) {
            return entry.path().extension() != ".part" && entry.is_directory();
        };
        return static_cast<std::size_t>(
            std::ranges::count_if(fs::directory_iterator(folder / "backups"), is_backup));
    }

    core::Clock clock;
    support::TestDatabase database;
    fs::path folder;
};

TEST_F(SharedFolder, HasOneBackupOfAllThatAreDueAtOnce) {
    Keeper first(settings(), clock);
    Keeper second(settings(), clock);
    first.start();
    second.start();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!find_newest(folder / "backups") && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    first.stop();
    second.stop();
    EXPECT_EQ(count_backups(), 1u);
}

TEST_F(SharedFolder, KeepsTheNewest) {
    KeeperSettings here = settings();
    here.kept = 2;
    std::vector<fs::path> taken;
    for (int day = 0; day < 3; ++day) {
        taken.push_back(take(here.shop, here.into, clock.now()));
        clock.advance(std::chrono::hours(25));
    }
    Keeper keeper(here, clock);
    keeper.start();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (fs::exists(taken[1]) && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    keeper.stop();
    EXPECT_EQ(count_backups(), 2u);
    EXPECT_TRUE(fs::exists(taken[2]));
    EXPECT_GT(find_newest(here.into), clock.now() - std::chrono::hours(1));
}

TEST_F(SharedFolder, IsForOneBackupAtATime) {
    const KeeperSettings here = settings();
    {
        const Turn another(here.into);
        fs::create_directory(here.into / "of-another.part");
        EXPECT_THROW(take(here.shop, here.into, clock.now()), Busy);
        EXPECT_TRUE(fs::exists(here.into / "of-another.part"))
            << "what another one is making was cleared away";
    }
    take(here.shop, here.into, clock.now());
    EXPECT_FALSE(fs::exists(here.into / "of-another.part")) << "nobody is making it any more";
}

}  // namespace
}  // namespace backup
