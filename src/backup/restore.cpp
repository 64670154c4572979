#include "backup/checksums.hpp"
#include "backup/layout.hpp"
#include "backup/postgres_tools.hpp"

#include "core/or_throw.hpp"
#include "store/sqlite_copy.hpp"

namespace backup {
namespace {

namespace fs = std::filesystem;

class ScratchFolder {
public:
    ScratchFolder() {
        std::string name = (fs::temp_directory_path() / "kontor-verify-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("can't make a folder in " + fs::temp_directory_path().string());
        path_ = name;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

void check_engine(const About& about, const Place& to) {
    if ((about.engine == Engine::postgres) == is_postgres(to)) return;
    throw std::runtime_error(
        about.engine == Engine::postgres
            ? "This backup is of a shop on PostgreSQL: give an empty database there with "
              "--database postgres://…, and `kontor copy` moves it to SQLite."
            : "This backup is of a shop on SQLite: restore it without --database "
              "postgres://…, and `kontor copy` moves it there.");
}

void restore_database(const fs::path& backup, const Place& to) {
    if (is_postgres(to)) {
        restore_postgres(backup / dump_name, to.database);
        return;
    }
    const fs::path file = sqlite_file_of(to);
    if (file.has_parent_path()) fs::create_directories(file.parent_path());
    const fs::path half = file.string() + ".part";
    fs::copy_file(backup / copy_name, half, fs::copy_options::overwrite_existing);
    flush(half);
    fs::rename(half, file);
}

}  // namespace

fs::path sqlite_file_of(const Place& place) {
    return place.database.substr(std::string_view("sqlite:").size());
}

void check_empty(const Place& to) {
    bool has_shop = fs::exists(to.data / secret_name) || (!is_postgres(to) && fs::exists(sqlite_file_of(to)));
    for (const char* name : picture_folders)
        has_shop = has_shop || fs::exists(to.data / name);
    if (has_shop)
        throw std::runtime_error("There is a shop in " + to.data.string() +
                                 " already, or what a restore left there that was killed. Restore into a "
                                 "folder of its own, then move the server there.");
}

Restoring::~Restoring() {
    if (done_) return;
    std::error_code ignored;
    for (const char* name : picture_folders)
        fs::remove_all(to_.data / name, ignored);
    fs::remove(to_.data / secret_name, ignored);
}

void check_database(const Place& place, const core::Clock& clock, std::vector<std::string>& faults) {
    store::Options options;
    options.url = place.database;
    options.postgres_connections = 2;
    auto database = store::Database::open(options, clock);
    database->migrate(store::all_migrations());
    auto look = [&](store::Tx& tx) {
        std::vector<std::string> found;
        if (!is_postgres(place)) found = store::find_sqlite_faults(tx);
        std::ranges::move(find_faults(tx, place.data), std::back_inserter(found));
        return found;
    };
    auto found = core::or_throw(store::read_now(*database, look));
    std::ranges::move(found, std::back_inserter(faults));
}

void restore(const fs::path& backup, const Place& to) {
    check_engine(read_about(backup), to);
    check_empty(to);
    if (auto faults = check_checksums(backup); !faults.empty())
        throw std::runtime_error("The backup is damaged: " + faults.front() + ". Nothing was restored.");
    fs::create_directories(to.data);
    Restoring restoring(to);
    for (const char* name : picture_folders)
        fs::copy(backup / name, to.data / name, fs::copy_options::recursive);
    if (fs::exists(backup / secret_name)) fs::copy_file(backup / secret_name, to.data / secret_name);
    restore_database(backup, to);  // at last: what was interrupted is no shop
    restoring.is_a_shop_now();
    flush_folder(to.data);
}

Verdict verify(const fs::path& backup, const std::string& server, const core::Clock& clock) {
    Verdict verdict{read_about(backup), check_checksums(backup)};
    if (!verdict.faults.empty()) return verdict;
    ScratchFolder folder;
    std::optional<ScratchDatabase> database;
    Place scratch{folder.path(), "sqlite:" + (folder.path() / copy_name).string()};
    if (verdict.about.engine == Engine::postgres) {
        scratch.database = database.emplace(server).url();
    }
    restore(backup, scratch);
    check_database(scratch, clock, verdict.faults);
    return verdict;
}

}  // namespace backup
