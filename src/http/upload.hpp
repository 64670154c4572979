// A request body that is too large to be held in memory: it goes to a file without a name as it arrives, and
// is gone with the request, also when the program dies.
#pragma once

#include "async/pool.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace http {

class Upload {
public:
    // Throws std::system_error, as do the others: a full disk is to be expected.
    explicit Upload(const std::filesystem::path& folder);
    ~Upload();
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;

    void append(std::string_view bytes);
    // As many bytes from `offset` on as there are and fit; 0 at the end.
    std::size_t read(std::uint64_t offset, std::span<char> room) const;
    std::uint64_t size() const { return size_; }

private:
    int file_ = -1;
    std::uint64_t size_ = 0;
};

// Where uploads are written, and on which threads.
struct UploadPlace {
    std::filesystem::path folder;
    async::Pool* files = nullptr;
};

}  // namespace http
