// What a backup's files are called. Only for this folder's own .cpp files.
#pragma once

#include "backup/backup.hpp"

namespace backup {

inline constexpr std::int64_t format = 1;
inline constexpr const char* about_name = "about.json";
inline constexpr const char* copy_name = "database.sqlite";
inline constexpr const char* dump_name = "database.dump";
// Folders of pictures, named by their bytes: products', and those of conversations.
inline constexpr const char* media_name = "media";
inline constexpr const char* chat_name = "chat";
inline constexpr std::array picture_folders{media_name, chat_name};
inline constexpr const char* secret_name = "secret";

bool is_postgres(const Place& place);

// Into <folder>; the secret only if the shop keeps it in its data folder.
void copy_secret(const Place& shop, const std::filesystem::path& folder);
std::filesystem::path sqlite_file_of(const Place& place);
// Throws std::runtime_error if there is a shop already.
void check_empty(const Place& to);

// Takes away what a restore has put into an empty place, unless it came to its end: it can be tried again.
class Restoring {
public:
    explicit Restoring(const Place& to) : to_(to) {}
    ~Restoring();
    Restoring(const Restoring&) = delete;
    Restoring& operator=(const Restoring&) = delete;
    void is_a_shop_now() { done_ = true; }

private:
    const Place& to_;
    bool done_ = false;
};
// Reads the restored database as a server of this version would, its schema brought up to date, and adds what
// is wrong with it.
void check_database(const Place& place, const core::Clock& clock, std::vector<std::string>& faults);
void write_about(const About& about, const std::filesystem::path& folder);

// Throws std::runtime_error if the folder is no backup, or one that this version can't read.
About read_about(const std::filesystem::path& backup);

}  // namespace backup
