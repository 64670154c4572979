// PostgreSQL's own programs, which know best how to write a database down and read it back. Only for this
// folder's own .cpp files.
#pragma once

#include <filesystem>
#include <string>

namespace backup {

// Both throw std::runtime_error with what the program said. The password of `url` goes by the environment,
// where other users don't see it.
void dump_postgres(const std::string& url, const std::filesystem::path& file);
void restore_postgres(const std::filesystem::path& file, const std::string& url);

// An empty database on the server of `url`, for as long as this lives. The role must be allowed to create
// one.
class ScratchDatabase {
public:
    explicit ScratchDatabase(const std::string& url);
    ~ScratchDatabase();
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    const std::string& url() const { return url_; }

private:
    std::string server_;  // the URL it was made with
    std::string name_;
    std::string url_;
};

}  // namespace backup
