#include "app/doctor.hpp"

#include "app/app.hpp"
#include "app/safety.hpp"

#include "core/log.hpp"
#include "core/or_throw.hpp"
#include "jobs/lag.hpp"
#include "redis/line.hpp"
#include "store/server_clock.hpp"

#include <sys/stat.h>

#include <iostream>
#include <map>

namespace app {
namespace {

namespace fs = std::filesystem;

constexpr double disk_free_share_min = 0.1;
constexpr std::uintmax_t disk_free_bytes_min = std::uintmax_t{1} << 30;
constexpr std::chrono::hours backup_age_max{25};  // one a day, and an hour to take it
constexpr std::chrono::minutes lag_max{1};
constexpr std::chrono::minutes ship_lag_max{1};
constexpr std::chrono::seconds clock_difference_max{2};

struct Patient {
    const Config& config;
    const core::Clock& clock;
    store::Database& database;

    template <class F>
    auto look(F question) {
        return core::or_throw(store::read_now(database, std::move(question)));
    }
};

void check_letters(const Patient& patient, Findings& findings) {
    if (!patient.config.smtp_url.empty()) return;
    findings.push_back(
        {"Nobody gets letters: they are written to " + (patient.config.data / "outbox").string() + ".",
         "Set KONTOR_SMTP_URL and KONTOR_MAIL_FROM."});
}

// What is shipped counts as a backup; whether it is new is a question of its own.
void check_backups(const Patient& patient, Findings& findings) {
    if (!patient.config.ship.into.empty()) return;
    auto newest = backup::find_newest(patient.config.backups.into);
    if (newest && patient.clock.now() - *newest <= backup_age_max) return;
    findings.push_back({newest ? "The newest backup is of " + core::to_rfc3339(*newest) + "."
                               : "There is no backup in " + patient.config.backups.into.string() + ".",
                        "Run `kontor backup` every day, or set KONTOR_BACKUP_EVERY_HOURS=24."});
}

void check_shipping(Patient& patient, Findings& findings) {
    const fs::path& into = patient.config.ship.into;
    if (into.empty()) return;
    constexpr const char* what_to_do =
        "Is a server running that has KONTOR_SHIP_TO, and is the folder there, not full, and its own to "
        "write "
        "to (a service's ReadWritePaths=)? Its log says what failed.";
    const auto until = backup::find_shipped_until(into);
    if (!until) {
        findings.push_back({"Nothing was shipped to " + into.string() + " yet.", what_to_do});
        return;
    }
    const core::Time newest = patient.clock.now() - patient.look(jobs::newest_event_age);
    if (newest - *until <= ship_lag_max) return;
    findings.push_back({"The log in " + into.string() + " ends at " + core::to_rfc3339(*until) +
                            ", the newest event of the shop is of " + core::to_rfc3339(newest) + ".",
                        what_to_do});
}

void check_disk(const fs::path& folder, Findings& findings) {
    const auto disk = fs::space(folder);
    const bool is_full =
        disk.available < disk_free_bytes_min ||
        static_cast<double>(disk.available) < disk_free_share_min * static_cast<double>(disk.capacity);
    if (!is_full) return;
    findings.push_back(
        {"The disk of " + folder.string() + " has " + std::to_string(disk.available >> 20) + " MB left.",
         "Make room: where the shop lives a full disk answers 503 to every order, and where "
         "backups go there are no more of them."});
}

void check_disks(const Patient& patient, Findings& findings) {
    std::map<dev_t, fs::path> disks;
    for (const fs::path& folder :
         {patient.config.data, patient.config.backups.into, patient.config.ship.into}) {
        struct stat found{};
        if (::stat(folder.c_str(), &found) == 0) disks.emplace(found.st_dev, folder);
    }
    for (const auto& [disk, folder] : disks)
        check_disk(folder, findings);
}

void check_followers(Patient& patient, Findings& findings) {
    for (const jobs::Lag& lag :
         patient.look([&](store::Tx& tx) { return jobs::list_lags(patient.database, tx); })) {
        if (lag.behind <= lag_max) continue;
        findings.push_back(
            {"The follower " + lag.follower + " is " +
                 std::to_string(std::chrono::duration_cast<std::chrono::minutes>(lag.behind).count()) +
                 " minutes behind the events.",
             "Is a server running? Its log says what the follower failed at."});
    }
}

void check_clock(Patient& patient, Findings& findings) {
    auto age = patient.look(jobs::newest_event_age);
    if (age >= -clock_difference_max) return;
    findings.push_back({"This machine's clock is behind: the newest event is of the future, by " +
                            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(-age).count()) +
                            " s.",
                        "Let NTP set it: codes of authenticator apps and tokens are told by the clock."});
}

// Tokens that one node gives, holds that another ends and leases that a third takes over are told by each
// one's own clock.
void check_clock_of_server(Patient& patient, Findings& findings) {
    const core::Time asked = patient.clock.now();
    const auto there =
        patient.look([&](store::Tx& tx) { return store::find_server_time(patient.database, tx); });
    const core::Time answered = patient.clock.now();
    if (!there) return;
    const bool is_ahead = asked - *there > clock_difference_max;
    if (!is_ahead && *there - answered <= clock_difference_max) return;
    const auto difference =
        std::chrono::duration_cast<std::chrono::seconds>(is_ahead ? asked - *there : *there - answered);
    findings.push_back(
        {"This machine's clock is " + std::to_string(difference.count()) + " s " +
             (is_ahead ? "ahead of" : "behind") + " PostgreSQL's.",
         "Let NTP set the clocks of all nodes and of the database: tokens, holds and leases of one "
         "node are told by the clocks of others."});
}

void check_redis(const Patient& patient, Findings& findings) {
    const auto& address = patient.config.nodes.redis;
    if (!address) return;
    try {
        const redis::Line line(*address);
    } catch (const redis::Lost& lost) {
        findings.push_back({"Redis at " + address->shown() + " is away: " + core::quoted(lost.what()) + ".",
                            "Start it, or correct KONTOR_REDIS_URL. The shop goes on without it."});
    }
}

void check_books(Patient& patient, Findings& findings) {
    for (std::string& fault :
         patient.look([&](store::Tx& tx) { return backup::find_faults(tx, patient.config.data); }))
        findings.push_back(
            {std::move(fault),
             "`kontor audit verify` tells whether the audit log is whole; a backup from before "
             "tells what it was."});
}

Findings examine_all(Patient& patient) {
    Findings findings = find_unsafe_settings(patient.config);
    std::ranges::move(find_unsafe_accounts(patient.database), std::back_inserter(findings));
    check_letters(patient, findings);
    check_backups(patient, findings);
    check_shipping(patient, findings);
    check_disks(patient, findings);
    check_followers(patient, findings);
    check_clock(patient, findings);
    check_clock_of_server(patient, findings);
    check_redis(patient, findings);
    check_books(patient, findings);
    return findings;
}

}  // namespace

int examine(const Config& config) {
    core::Clock clock;
    const std::string sqlite = "sqlite:";
    if (config.database.starts_with(sqlite) && !fs::exists(config.database.substr(sqlite.size())))
        throw std::runtime_error("There is no shop in " + config.data.string() + ".");
    auto database = store::Database::open(store_options(config), clock);
    Patient patient{config, clock, *database};
    const Findings findings = examine_all(patient);
    for (const auto& [what, what_to_do] : findings)
        std::cout << what << "\n    " << what_to_do << "\n";
    if (findings.empty()) std::cout << "Nothing to look at.\n";
    return findings.empty() ? 0 : 1;
}

}  // namespace app
