#include "backup/generation.hpp"

#include "backup/checksums.hpp"

#include <algorithm>
#include <fstream>

namespace backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* unfinished = ".part";
constexpr std::chrono::seconds file_clock_tick_max{2};
constexpr const char* half_written = ".half";  // begins a picture's name: no picture's does

// Pictures are never written twice: a name that is there has its bytes.
void add_picture(const fs::path& from, const fs::path& before, const fs::path& to) {
    std::error_code elsewhere;
    if (!before.empty()) fs::create_hard_link(before, to, elsewhere);
    if (!before.empty() && !elsewhere) return;
    const fs::path half = to.parent_path() / half_written;
    std::error_code gone;
    fs::copy_file(from, half, fs::copy_options::overwrite_existing, gone);
    if (gone == std::errc::no_such_file_or_directory) return;  // swept away meanwhile: no row speaks of it
    if (gone) throw fs::filesystem_error("can't copy a picture", from, half, gone);
    flush(half);
    fs::rename(half, to);
}

}  // namespace

Generation::Generation(Place shop, const fs::path& shipped)
    : shop_(std::move(shop)), shipped_(shipped), folder_(shipped / (std::string("next") + unfinished)) {
    // Not what is above it: a disk that isn't mounted must not be mistaken for the one below.
    fs::create_directory(shipped_);
    remove_unfinished(shipped_);
    fs::create_directory(folder_);
    // It holds everybody's data.
    fs::permissions(folder_, fs::perms::owner_all);
    fs::create_directory(folder_ / base_name);
    fs::create_directory(folder_ / log_name);
    for (const char* name : picture_folders)
        fs::create_directory(folder_ / name);
}

Generation::~Generation() {
    std::error_code left_over;  // the next one clears it away
    if (began_at_.ms == 0) fs::remove_all(folder_, left_over);
}

void Generation::add_pictures(const fs::path& before, const std::function<void()>& breathe) {
    for (std::size_t i = 0; i < picture_folders.size(); ++i) {
        const fs::path from = shop_.data / picture_folders[i];
        const fs::path to = folder_ / picture_folders[i];
        if (!fs::exists(from)) continue;
        // A new name changes the folder's time, which saves reading it each second.
        const auto changed = fs::last_write_time(from);
        if (changed == pictures_seen_[i]) continue;
        for (const auto& entry : fs::directory_iterator(from)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with('.') || !entry.is_regular_file() || fs::exists(to / name)) continue;
            add_picture(entry.path(), before.empty() ? before : before / picture_folders[i] / name,
                        to / name);
            breathe();
        }
        flush(to);
        // Of two changes in one tick of the file system's clock the second doesn't show.
        if (fs::file_time_type::clock::now() - changed > file_clock_tick_max) pictures_seen_[i] = changed;
    }
}

void Generation::begin(core::Time at) {
    began_at_ = at;
    const About about{{format}, core::Text<1, 40>::trusted(KONTOR_VERSION), Engine::sqlite, at};
    copy_secret(shop_, base());
    write_about(about, base());
    write_checksums(base());
    flush_folder(base());
    flush(folder_);
    const fs::path named = shipped_ / name_at(at);
    fs::rename(folder_, named);
    flush(shipped_);
    folder_ = named;
}

void Generation::add(std::int64_t number, const store::LogPiece& piece) {
    if (number <= piece_) return;
    digest_ = write_segment(folder_ / log_name, {segments_ + 1, digest_, piece});
    ++segments_;
    piece_ = number;
}

void Generation::complete() {
    std::ofstream file(folder_ / complete_name);
    file << segments_ << "\n";
    file.close();
    if (!file) throw std::runtime_error("can't write " + (folder_ / complete_name).string());
    flush(folder_ / complete_name);
    flush(folder_);
}

std::vector<GenerationName> list_generations(const fs::path& shipped) {
    std::vector<GenerationName> generations;
    if (!fs::exists(shipped)) return generations;
    for (const auto& entry : fs::directory_iterator(shipped)) {
        const auto began_at = time_of_name(entry.path().filename().string());
        if (began_at && fs::exists(entry.path() / base_name / about_name))
            generations.push_back({entry.path(), *began_at});
    }
    std::ranges::sort(generations, {}, &GenerationName::began_at);
    return generations;
}

void remove_unfinished(const fs::path& shipped) {
    for (const auto& entry : fs::directory_iterator(shipped)) {
        if (entry.is_directory() && entry.path().extension() == unfinished) fs::remove_all(entry.path());
    }
}

void remove_generations(const fs::path& shipped, core::Time since) {
    const auto generations = list_generations(shipped);
    for (std::size_t i = 0; i + 1 < generations.size() && generations[i + 1].began_at <= since; ++i)
        fs::remove_all(generations[i].folder);
}

}  // namespace backup
