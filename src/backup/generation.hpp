// A generation of shipped log: a copy of the database, and everything that was committed behind it. Only for
// this folder's own .cpp files.
//
//   <shipped>/2026-11-23T07-00-00.000Z/base/    about.json, database.sqlite, secret, SHA256SUMS
//   <shipped>/2026-11-23T07-00-00.000Z/log/     segments (segment.hpp)
//   <shipped>/2026-11-23T07-00-00.000Z/media/   chat/ pictures, those of the base and those that came later
//   <shipped>/2026-11-23T07-00-00.000Z/complete how many segments there are, once nothing follows any more
//                                               that the next generation doesn't have
#pragma once

#include "backup/layout.hpp"
#include "backup/segment.hpp"

namespace backup {

inline constexpr const char* base_name = "base";
inline constexpr const char* log_name = "log";
inline constexpr const char* complete_name = "complete";

// One that is being written.
class Generation {
public:
    // In a folder that ends in .part, until begin() gives it its name.
    Generation(Place shop, const std::filesystem::path& shipped);
    ~Generation();
    Generation(const Generation&) = delete;
    Generation& operator=(const Generation&) = delete;

    std::filesystem::path base() const { return folder_ / base_name; }
    // Pictures of the shop that aren't here yet; `breathe` is called between them. Those that the folder
    // `before` has are linked from there where the file system can.
    void add_pictures(const std::filesystem::path& before, const std::function<void()>& breathe);
    // All of the base is written: the time from which on the shop can be restored from here.
    void begin(core::Time at);
    // Does nothing with a piece of a number that it has.
    void add(std::int64_t number, const store::LogPiece& piece);
    // Nothing was committed behind what was added.
    void complete();

    const std::filesystem::path& folder() const { return folder_; }
    core::Time began_at() const { return began_at_; }

private:
    Place shop_;
    std::filesystem::path shipped_;
    std::filesystem::path folder_;
    core::Time began_at_;
    std::int64_t piece_ = 0;  // the last that was added
    std::int64_t segments_ = 0;
    Digest digest_{};  // of the last of them
    std::array<std::filesystem::file_time_type, picture_folders.size()> pictures_seen_{};
};

// Those that are there and begun, the oldest first.
struct GenerationName {
    std::filesystem::path folder;
    core::Time began_at;

    bool is_complete() const { return std::filesystem::exists(folder / complete_name); }
};
std::vector<GenerationName> list_generations(const std::filesystem::path& shipped);

// What was left by one that never began.
void remove_unfinished(const std::filesystem::path& shipped);
// Keeps what is needed for every moment since `since`.
void remove_generations(const std::filesystem::path& shipped, core::Time since);

}  // namespace backup
