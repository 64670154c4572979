// The settings of backups and of shipping, and what all settings are declared with.
#include "app/setting.hpp"

#include <charconv>
#include <stdexcept>

namespace app {

void refuse(const std::string& expected) {
    throw std::invalid_argument(expected);
}

std::uint64_t to_number(const std::string& text, std::uint64_t min, std::uint64_t max) {
    std::uint64_t number = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number < min || number > max) {
        refuse("must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return number;
}

Setting text(std::string name, std::string fallback, std::string help,
             std::function<void(Config&, const std::string&)> apply, bool secret) {
    return {std::move(name), std::move(fallback), std::move(help), secret, std::move(apply)};
}

std::vector<Setting> backup_settings() {
    return {
        text("backup-folder", "", "where backups go; empty: backups in the data folder",
             [](Config& c, const std::string& t) { c.backups.into = t; }),
        number("backup-every-hours", 0, 0, 24 * 30, "a server takes a backup so often; 0: never",
               [](Config& c) -> auto& { return c.backups.every; }),
        number("backups-kept", 7, 1, 10'000, "of those a server takes, the newest",
               [](Config& c) -> auto& { return c.backups.kept; }),
        text("ship-to", "",
             "folder elsewhere that a server on SQLite ships every commit to, for `kontor restore --at`; "
             "empty: "
             "nothing is shipped",
             [](Config& c, const std::string& t) { c.ship.into = t; }),
        number("ship-every-seconds", 1, 1, 3600, "what was committed in the meantime goes there together",
               [](Config& c) -> auto& { return c.ship.every; }),
        number("ship-copy-every-hours", 24, 1, 24 * 30,
               "a fresh copy of the shop goes there so often: a longer log takes longer to restore",
               [](Config& c) -> auto& { return c.ship.copy_every; }),
        number("ship-kept-hours", 24 * 7, 1, 24 * 3650, "so far back the shop can be restored",
               [](Config& c) -> auto& { return c.ship.kept; }),
        number("ship-waiting-bytes-max", 256 << 20, 1 << 20, std::uint64_t{1} << 34,
               "commits kept in memory while the folder is slow or full; beyond it a fresh copy is shipped",
               [](Config& c) -> auto& { return c.ship.waiting_bytes_max; }),
    };
}

}  // namespace app
