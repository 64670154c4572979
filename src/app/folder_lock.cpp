#include "app/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

namespace app {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// The system lets go of it when its holder ends, however that comes about: the file itself means nothing and
// stays.
constexpr const char* file_name = "serve.lock";
// A server that was killed takes a moment to give its memory back, and holds the lock until then.
constexpr std::chrono::seconds predecessor_ends_within{2};
constexpr std::chrono::milliseconds try_every{20};

int open_in(const fs::path& folder) {
    fs::create_directories(folder);
    const fs::path path = folder / file_name;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        throw std::runtime_error("can't open " + path.string() + ": " +
                                 std::generic_category().message(errno) +
                                 ". The data folder must belong to the user that the server runs as.");
    return file;
}

// False: another process holds it.
bool try_lock(int file, const fs::path& folder) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK || errno == EINTR) return false;
    throw std::runtime_error("can't lock " + (folder / file_name).string() + ": " +
                             std::generic_category().message(errno) +
                             ". Keep the data folder on a disk of this machine: --data FOLDER.");
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder) : FolderLock(open_in(folder)) {
    for (const auto until = steady_clock::now() + predecessor_ends_within; !try_lock(file_, folder);) {
        if (steady_clock::now() >= until)
            throw std::runtime_error(
                "Another server is running on the data folder " +
                fs::absolute(folder).lexically_normal().string() +
                ". Stop it first, or give this one a folder of its own with --data FOLDER.");
        std::this_thread::sleep_for(try_every);
    }
}

FolderLock::~FolderLock() {
    ::close(file_);
}

}  // namespace app
