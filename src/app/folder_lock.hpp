// One server for each data folder: a second one would answer with what the first has changed meanwhile, and
// both would write letters, the search index and the database beside each other. Commands don't ask for it:
// they may run beside a server. Called by commands.cpp.
#pragma once

#include <filesystem>

namespace app {

class FolderLock {
public:
    // Makes the folder if there is none. Waits a moment for a server that is just ending; throws
    // std::runtime_error with what to do if it stays.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    explicit FolderLock(int file) : file_(file) {}

    int file_;
};

}  // namespace app
