#include "app/backups.hpp"

#include "backup/moment.hpp"

#include <iostream>

namespace app {

int take_backup(const Config& config, const std::filesystem::path& into) {
    core::Clock clock;
    auto folder = backup::take(config.backups.shop, into.empty() ? config.backups.into : into, clock.now());
    std::cout << folder.string() << "\n";
    if (!std::filesystem::exists(folder / "secret"))
        std::cout << "The secret is not in it: the shop gets it from its configuration. Keep KONTOR_SECRET "
                     "with it.\n";
    return 0;
}

int verify_backup(const Config& config, const std::filesystem::path& folder) {
    core::Clock clock;
    auto verdict = backup::verify(folder, config.database, clock);
    for (const std::string& fault : verdict.faults)
        std::cout << fault << "\n";
    if (!verdict.faults.empty()) return 1;
    std::cout << "The backup of " << core::to_rfc3339(verdict.about.taken_at)
              << " is good: restored, checked, its books balance.\n";
    return 0;
}

namespace {

int restore_shipped(const Config& config, const std::filesystem::path& folder, const std::string& at) {
    core::Clock clock;
    const auto moment = core::from_rfc3339(at);
    if (!at.empty() && !moment) throw std::runtime_error("--at must be a time as 2026-11-23T07:30:00Z.");
    const auto restored = backup::restore_moment(folder, moment, config.backups.shop, clock);
    for (const std::string& fault : restored.faults)
        std::cout << fault << "\n";
    std::cout << "Restored to " << config.data.string() << ": the shop as of "
              << core::to_rfc3339(restored.as_of)
              << (moment ? ", its last commit at or before that time.\n"
                         : ", the last commit that was shipped.\n");
    if (!restored.faults.empty()) {
        std::cout << "It is not good; try another time, or look at what is said above.\n";
        return 1;
    }
    return 0;
}

}  // namespace

int restore_backup(const Config& config, const std::filesystem::path& folder, const std::string& at) {
    if (backup::is_shipped(folder)) {
        if (int failed = restore_shipped(config, folder, at)) return failed;
    } else {
        if (!at.empty())
            throw std::runtime_error("Nothing was shipped to " + folder.string() +
                                     ": --at is for a folder that KONTOR_SHIP_TO named.");
        backup::restore(folder, config.backups.shop);
        std::cout << "Restored to " << config.data.string() << ".\n";
    }
    std::cout << "Start the shop with: kontor serve --data " << config.data.string() << "\n";
    return 0;
}

}  // namespace app
