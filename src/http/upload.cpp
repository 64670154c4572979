#include "http/upload.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

namespace http {
namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Upload::Upload(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    std::string name = (folder / "upload-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) fail("an upload can't be begun");
    ::unlink(name.c_str());
}

Upload::~Upload() {
    ::close(file_);
}

void Upload::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("an upload can't be kept");
        size_ += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::size_t Upload::read(std::uint64_t offset, std::span<char> room) const {
    for (;;) {
        const ssize_t size = ::pread(file_, room.data(), room.size(), static_cast<off_t>(offset));
        if (size >= 0) return static_cast<std::size_t>(size);
        if (errno != EINTR) fail("an upload can't be read");
    }
}

}  // namespace http
