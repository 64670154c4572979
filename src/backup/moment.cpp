#include "backup/moment.hpp"

#include "backup/checksums.hpp"
#include "backup/generation.hpp"

#include <algorithm>
#include <fstream>

namespace backup {
namespace {

namespace fs = std::filesystem;

struct Choice {
    GenerationName generation;
    std::optional<GenerationName> next;
};

Choice choose(const fs::path& shipped, std::optional<core::Time> at) {
    const auto generations = list_generations(shipped);
    if (generations.empty()) throw std::runtime_error("Nothing was shipped to " + shipped.string() + " yet.");
    auto next =
        at ? std::ranges::upper_bound(generations, *at, {}, &GenerationName::began_at) : generations.end();
    if (next == generations.begin())
        throw std::runtime_error("The first copy in " + shipped.string() + " is of " +
                                 core::to_rfc3339(next->began_at) + ": nothing earlier can be restored.");
    Choice choice{*(next - 1), {}};
    if (next != generations.end()) choice.next = *next;
    return choice;
}

// Writes the segments of a generation into a copy of its base, up to a moment.
class Replay {
public:
    Replay(const Choice& choice, std::optional<core::Time> at, const fs::path& database)
        : choice_(choice), at_(at), database_(database), as_of_(choice.generation.began_at) {}

    core::Time run();

private:
    void read_on(const SegmentName& name);
    void apply(const store::LogPiece& piece);
    void check_end();
    void stop_at(const std::string& what);

    const Choice& choice_;
    const std::optional<core::Time> at_;
    const fs::path& database_;
    core::Time as_of_;
    std::int64_t number_ = 0;
    Digest digest_{};
    bool reached_ = false;  // there is a commit behind the moment
};

core::Time Replay::run() {
    for (const SegmentName& name : list_segments(choice_.generation.folder / log_name)) {
        read_on(name);
        if (reached_) return as_of_;
    }
    check_end();
    return as_of_;
}

void Replay::read_on(const SegmentName& name) {
    ++number_;
    if (name.number != number_) return stop_at("The segment " + std::to_string(number_) + " is missing");
    ReadSegment read;
    try {
        read = read_segment(name.path);
    } catch (const std::runtime_error& damaged) {
        return stop_at(name.path.string() + " is damaged: " + damaged.what());
    }
    if (read.segment.number != number_ || read.segment.previous != digest_)
        return stop_at(name.path.string() + " doesn't follow the one before it");
    digest_ = read.digest;
    apply(read.segment.piece);
}

void Replay::apply(const store::LogPiece& piece) {
    const std::size_t frame_bytes =
        piece.frames.size() / static_cast<std::size_t>(piece.commits.back().frames);
    std::int64_t frames = 0;
    for (const store::LogCommit& commit : piece.commits) {
        reached_ = at_ && commit.at > *at_;
        if (reached_) break;
        frames = commit.frames;
        as_of_ = std::max(as_of_, commit.at);
    }
    if (frames > 0)
        store::apply_frames(
            database_,
            std::string_view(piece.frames).substr(0, static_cast<std::size_t>(frames) * frame_bytes));
}

// The log has ended before the moment: there must have been no more of it.
void Replay::check_end() {
    if (choice_.generation.is_complete()) {
        std::ifstream file(choice_.generation.folder / complete_name);
        std::int64_t count = 0;
        if (!(file >> count))
            stop_at((choice_.generation.folder / complete_name).string() + " can't be read");
        else if (count > number_)
            stop_at("The last segments are missing");
    } else if (choice_.next && *at_ > as_of_) {
        throw std::runtime_error("What was committed between " + core::to_rfc3339(as_of_) + " and " +
                                 core::to_rfc3339(choice_.next->began_at) +
                                 " was not shipped as it came. Give --at one of these two.");
    }
}

// Whoever wants no more than what was read doesn't need what can't be.
void Replay::stop_at(const std::string& what) {
    reached_ = at_ && *at_ <= as_of_;
    if (!reached_)
        throw std::runtime_error(what + ". The shop can be restored until --at " + core::to_rfc3339(as_of_) +
                                 ".");
}

void copy_pictures(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator(from)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with('.')) fs::copy_file(entry.path(), to / name);
    }
}

// Gone at the end, whatever that is, unless it was renamed.
struct Half {
    fs::path file;
    ~Half() {
        std::error_code gone;
        fs::remove(file, gone);
    }
};

}  // namespace

bool is_shipped(const fs::path& folder) {
    return !list_generations(folder).empty();
}

RestoredMoment restore_moment(const fs::path& shipped, std::optional<core::Time> at, const Place& to,
                              const core::Clock& clock) {
    if (is_postgres(to))
        throw std::runtime_error("The shop that was shipped is on SQLite: restore it to the same.");
    check_empty(to);
    const Choice choice = choose(shipped, at);
    const fs::path base = choice.generation.folder / base_name;
    read_about(base);
    if (auto faults = check_checksums(base); !faults.empty())
        throw std::runtime_error(base.string() + " is damaged: " + faults.front() +
                                 ". Only moments of another copy can be restored.");
    fs::create_directories(to.data);
    const fs::path file = sqlite_file_of(to);
    if (file.has_parent_path()) fs::create_directories(file.parent_path());
    const Half half{file.string() + ".part"};
    fs::copy_file(base / copy_name, half.file, fs::copy_options::overwrite_existing);
    RestoredMoment restored{Replay(choice, at, half.file).run(), {}};
    Restoring restoring(to);
    for (const char* name : picture_folders)
        copy_pictures(choice.generation.folder / name, to.data / name);
    if (fs::exists(base / secret_name)) fs::copy_file(base / secret_name, to.data / secret_name);
    flush(half.file);
    fs::rename(half.file, file);  // at last: what was interrupted is no shop
    restoring.is_a_shop_now();
    flush_folder(to.data);
    check_database(to, clock, restored.faults);
    return restored;
}

}  // namespace backup
