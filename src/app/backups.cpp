#include "app/backups.hpp"

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

int restore_backup(const Config& config, const std::filesystem::path& folder) {
    backup::restore(folder, config.backups.shop);
    std::cout << "Restored to " << config.data.string() << ". Start the shop with: kontor serve --data "
              << config.data.string() << "\n";
    return 0;
}

}  // namespace app
