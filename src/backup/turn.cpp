#include "backup/turn.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace backup {
namespace {

// Only the lock on it means something: it stays.
constexpr const char* file_name = ".lock";

}  // namespace

Turn::Turn(const std::filesystem::path& into) : into_(into) {
    std::filesystem::create_directories(into);
    const auto path = into / file_name;
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) throw std::system_error(errno, std::system_category(), "can't open " + path.string());
    // A file system that knows no locks is no reason to have no backup.
    if (::flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    ::close(file_);
    throw Busy("A backup is being taken in " + into.string() + " already. Wait until it is done.");
}

Turn::~Turn() {
    ::close(file_);
}

}  // namespace backup
