#include "backup/backup.hpp"

#include "backup/checksums.hpp"
#include "backup/layout.hpp"
#include "backup/postgres_tools.hpp"
#include "backup/segment.hpp"
#include "backup/turn.hpp"

#include "core/json_read.hpp"
#include "core/json_write.hpp"
#include "store/sqlite_copy.hpp"

#include <fstream>

namespace backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* unfinished = ".part";

// Pictures are never written twice, so a second name for the same bytes is as good as a copy, where the file
// system has such names.
void copy_picture(const fs::path& from, const fs::path& to) {
    std::error_code elsewhere;
    fs::create_hard_link(from, to, elsewhere);
    if (elsewhere) fs::copy_file(from, to);
}

void copy_pictures(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    if (!fs::exists(from)) return;
    for (const auto& entry : fs::directory_iterator(from)) {
        const std::string name = entry.path().filename().string();
        // Names that begin with a dot are halves of a write.
        if (entry.is_regular_file() && !name.starts_with('.') && !fs::exists(to / name))
            copy_picture(entry.path(), to / name);
    }
}

void copy_all_pictures(const fs::path& from, const fs::path& to) {
    for (const char* name : picture_folders)
        copy_pictures(from / name, to / name);
}

void copy_database(const Place& shop, const fs::path& folder) {
    if (is_postgres(shop)) {
        dump_postgres(shop.database, folder / dump_name);
    } else {
        store::copy_sqlite(shop.database, folder / copy_name);
    }
}

// Finished ones, the oldest first.
std::vector<fs::path> list_backups(const fs::path& into) {
    std::vector<fs::path> backups;
    if (!fs::exists(into)) return backups;
    for (const auto& entry : fs::directory_iterator(into)) {
        bool finished = entry.path().extension() != unfinished && fs::exists(entry.path() / about_name);
        if (finished) backups.push_back(entry.path());
    }
    std::ranges::sort(backups);
    return backups;
}

void clear_unfinished(const fs::path& into) {
    for (const auto& entry : fs::directory_iterator(into)) {
        if (entry.is_directory() && entry.path().extension() == unfinished) fs::remove_all(entry.path());
    }
}

}  // namespace

bool is_postgres(const Place& place) {
    return !place.database.starts_with("sqlite:");
}

void copy_secret(const Place& shop, const fs::path& folder) {
    if (!fs::exists(shop.data / secret_name)) return;
    fs::copy_file(shop.data / secret_name, folder / secret_name);
    fs::permissions(folder / secret_name, fs::perms::owner_read | fs::perms::owner_write);
}

void write_about(const About& about, const fs::path& folder) {
    std::ofstream file(folder / about_name);
    file << core::to_json(about) << "\n";
    file.close();
    if (!file) throw std::runtime_error("can't write " + (folder / about_name).string());
}

fs::path take(const Place& shop, const fs::path& into, core::Time now) {
    return take(Turn(into), shop, now);
}

fs::path take(const Turn& turn, const Place& shop, core::Time now) {
    const fs::path& into = turn.folder();
    clear_unfinished(into);
    const fs::path done = into / name_at(now);
    const fs::path folder = done.string() + unfinished;
    fs::create_directory(folder);
    // It holds everybody's data.
    fs::permissions(folder, fs::perms::owner_all);
    // Pictures before and after the database: one that is swept away meanwhile is there already, and one that
    // a row of the copy speaks of was on the disk before the row.
    copy_all_pictures(shop.data, folder);
    copy_database(shop, folder);
    copy_all_pictures(shop.data, folder);
    copy_secret(shop, folder);
    write_about({{format},
                 core::Text<1, 40>::trusted(KONTOR_VERSION),
                 is_postgres(shop) ? Engine::postgres : Engine::sqlite,
                 now},
                folder);
    write_checksums(folder);
    flush_folder(folder);
    fs::rename(folder, done);
    flush_folder(into);
    return done;
}

About read_about(const fs::path& backup) {
    std::ifstream file(backup / about_name);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    auto about = core::from_json<About>(text);
    if (!about)
        throw std::runtime_error(backup.string() + " is no backup: its about.json is missing or broken.");
    if (about->format.value != format)
        throw std::runtime_error("This backup was made by a version of Kontor that writes them differently.");
    return *about;
}

std::optional<core::Time> find_newest(const fs::path& into) {
    auto backups = list_backups(into);
    if (backups.empty()) return {};
    return read_about(backups.back()).taken_at;
}

void remove_oldest(const fs::path& into, std::size_t kept) {
    auto backups = list_backups(into);
    if (backups.size() <= kept) return;
    backups.resize(backups.size() - kept);
    for (const fs::path& old : backups)
        fs::remove_all(old);
}

}  // namespace backup
